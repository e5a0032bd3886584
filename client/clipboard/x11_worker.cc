// SPDX-License-Identifier: Apache-2.0
#include "client/clipboard/x11_worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xcb/xfixes.h>

#include <algorithm>

#include "base/log.h"
#include "protocol/spice/agent_stream.h"

namespace cassia::client {

using spice::ClipboardType;
using spice::Selection;

namespace {

constexpr Selection all_selections[] = {Selection::clipboard, Selection::primary,
                                        Selection::secondary};
constexpr std::size_t most_targets = 1024;  ///< that one owner may name
constexpr std::size_t most_fetches = 32;    ///< of one selection that wait; the agent's are fewer

template <class Event>
const Event& as(const xcb_generic_event_t& event) {
  return reinterpret_cast<const Event&>(event);
}

}  // namespace

Result<std::unique_ptr<X11Worker>> X11Worker::open(HostClipboardEvents& events) {
  auto display = CASSIA_TRY(X11Display::open());
  std::unique_ptr<X11Worker> worker(new X11Worker(std::move(display), events));
  CASSIA_TRY(worker->begin());
  return worker;
}

X11Worker::X11Worker(std::unique_ptr<X11Display> display, HostClipboardEvents& events)
    : display_(std::move(display)),
      events_(events),
      owner_(*display_, [this](Selection s, ClipboardType t) { events_.host_wants(s, t); }),
      reader_(*display_) {}

Result<void> X11Worker::begin() {
  wake_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) return fail_errno(errno, "eventfd");
  for (const Selection selection : all_selections) {
    xcb_xfixes_select_selection_input(display_->get(), owner_.window(),
                                      display_->selection(selection),
                                      XCB_XFIXES_SELECTION_EVENT_MASK_SET_SELECTION_OWNER |
                                          XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_WINDOW_DESTROY |
                                          XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_CLIENT_CLOSE);
  }
  return {};
}

void X11Worker::post(std::function<void(X11Worker&)> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void X11Worker::stop() {
  post([](X11Worker& worker) { worker.stopped_ = true; });
}

void X11Worker::run() {
  const SteadyClock clock;
  now_ = clock.now();
  for (const Selection selection : all_selections) {
    on_owner(selection, display_->owner(display_->selection(selection)));
  }
  while (!stopped_ && !display_->broken()) {
    do display_->flush();  // which may bring events in
    while (do_events());
    const TimePoint next = std::min(owner_.next(), reader_.next());
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(
        std::clamp<Duration>(next - now_, Duration::zero(), std::chrono::hours(1)));
    pollfd sources[] = {{xcb_get_file_descriptor(display_->get()), POLLIN, 0},
                        {wake_.get(), POLLIN, 0}};
    ::poll(sources, std::size(sources), static_cast<int>(wait.count()));
    now_ = clock.now();
    do_jobs();
    owner_.tick(now_);
    reader_.tick(now_);
  }
  if (!stopped_) log_warn("clipboard", "the X server is gone");
}

void X11Worker::do_jobs() {
  std::uint64_t count;
  (void)!::read(wake_.get(), &count, sizeof count);
  std::deque<std::function<void(X11Worker&)>> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(jobs_);
  }
  for (const auto& job : jobs) job(*this);
}

bool X11Worker::do_events() {
  bool any = false;
  while (const XReply<xcb_generic_event_t> event{xcb_poll_for_event(display_->get())}) {
    on_event(*event);
    any = true;
  }
  return any;
}

void X11Worker::on_event(const xcb_generic_event_t& event) {
  const int type = event.response_type & 0x7f;  // the highest bit: another program has sent it
  if (type == display_->xfixes_event()) {
    const auto& change = as<xcb_xfixes_selection_notify_event_t>(event);
    const auto selection = display_->selection_of(change.selection);
    return selection ? on_owner(*selection, change.owner) : void();
  }
  switch (type) {
    case XCB_SELECTION_REQUEST:
      return owner_.on(as<xcb_selection_request_event_t>(event), now_);
    case XCB_SELECTION_CLEAR:
      return owner_.on(as<xcb_selection_clear_event_t>(event));
    case XCB_SELECTION_NOTIFY:
      return reader_.on(as<xcb_selection_notify_event_t>(event), now_);
    case XCB_PROPERTY_NOTIFY:
      owner_.on(as<xcb_property_notify_event_t>(event), now_);
      return reader_.on(as<xcb_property_notify_event_t>(event), now_);
    case XCB_DESTROY_NOTIFY:
      return owner_.on(as<xcb_destroy_notify_event_t>(event));
    default:
      return;  // errors too: windows of other programs may go at any time
  }
}

void X11Worker::on_owner(Selection selection, xcb_window_t owner) {
  if (owner == owner_.window()) return;
  Host& from = host(selection);
  if (owner != XCB_WINDOW_NONE) return look(selection);
  if (std::exchange(from.targets, {}).empty() && !from.looking) return;
  from.again = from.looking;  // what comes is of an owner of before
  events_.host_offers(selection, {});
}

void X11Worker::look(Selection selection) {
  Host& from = host(selection);
  from.again = from.looking;
  if (std::exchange(from.looking, true)) return;
  reader_.read(display_->selection(selection), display_->atoms().targets,
               most_targets * sizeof(xcb_atom_t), now_,
               [this, selection](const Result<Property>& targets) { looked(selection, targets); });
}

void X11Worker::looked(Selection selection, const Result<Property>& targets) {
  Host& from = host(selection);
  from.looking = false;
  if (std::exchange(from.again, false)) {
    return on_owner(selection, display_->owner(display_->selection(selection)));
  }
  from.targets.clear();
  if (targets && targets->format == 32) {
    from.targets.resize(targets->data.size() / sizeof(xcb_atom_t));
    std::copy_n(targets->data.begin(), from.targets.size() * sizeof(xcb_atom_t),
                reinterpret_cast<std::uint8_t*>(from.targets.data()));
  }
  if (owner_.owns(selection)) return;  // the guest was quicker
  ClipboardTypes types;
  for (const Target& target : display_->targets()) {
    const bool named = std::find(types.begin(), types.end(), target.type) != types.end();
    if (!named && has(from, target.atom)) types.push_back(target.type);
  }
  events_.host_offers(selection, types);
}

bool X11Worker::has(const Host& host, xcb_atom_t target) const {
  return std::find(host.targets.begin(), host.targets.end(), target) != host.targets.end();
}

const Target* X11Worker::best(const Host& host, ClipboardType type) const {
  for (const Target& target : display_->targets()) {
    if (target.type == type && has(host, target.atom)) return &target;
  }
  return nullptr;
}

void X11Worker::offer(Selection selection, const ClipboardTypes& types) {
  owner_.offer(selection, types);
}

void X11Worker::withdraw(Selection selection) { owner_.withdraw(selection); }

void X11Worker::give(Selection selection, ClipboardType type, const SharedBytes& data) {
  owner_.give(selection, type, data, now_);
}

void X11Worker::fetch(Selection selection, ClipboardType type) {
  Host& from = host(selection);
  if (from.fetches.size() >= most_fetches) {
    return events_.host_gave(selection, ClipboardType::none, {});
  }
  from.fetches.push_back(type);
  if (from.fetches.size() == 1) fetch_next(selection);
}

void X11Worker::fetch_next(Selection selection) {
  Host& from = host(selection);
  const Target* target = best(from, from.fetches.front());
  if (target == nullptr || owner_.owns(selection)) {
    return fetched(selection, fail(ErrorKind::not_found, "nothing of that kind"));
  }
  if (target->form != TargetForm::uri_list || !has(from, display_->atoms().kde_cut)) {
    return fetch_from(selection, *target, false);
  }
  // KDE's programs say apart from the list whether the files are to be moved.
  reader_.read(display_->selection(selection), display_->atoms().kde_cut, 16, now_,
               [this, selection, target](const Result<Property>& answer) {
                 const bool cut = answer && !answer->data.empty() && answer->data[0] == '1';
                 fetch_from(selection, *target, cut);
               });
}

void X11Worker::fetch_from(Selection selection, const Target& target, bool cut) {
  reader_.read(
      display_->selection(selection), target.atom, spice::AgentLimits{}.clipboard, now_,
      [this, selection, &target, cut](Result<Property> answer) {
        if (!answer) return fetched(selection, fail(answer.error()));
        // To TEXT an owner answers with what it likes.
        const Target* as = target.type == ClipboardType::utf8_text ? display_->target(answer->type)
                                                                   : nullptr;
        if (answer->format != 8) {
          return fetched(selection, fail(ErrorKind::malformed, "contents that are no bytes"));
        }
        fetched(selection, from_form((as != nullptr ? *as : target).form, std::move(answer->data),
                                     cut));
      });
}

void X11Worker::fetched(Selection selection, Result<Bytes> data) {
  Host& from = host(selection);
  const ClipboardType type = from.fetches.front();
  if (!data && data.error().kind() == ErrorKind::no_space) {
    log_warn("clipboard", "what was copied is {}", data.error().message());
  } else if (!data) {
    log_info("clipboard", "nothing to give to the guest: {}", data.error().message());
  }
  const bool there = data && !data->empty() && data->size() <= spice::AgentLimits{}.clipboard;
  events_.host_gave(selection, there ? type : ClipboardType::none,
                    there ? SharedBytes(std::move(*data)) : SharedBytes());
  from.fetches.pop_front();
  if (!from.fetches.empty()) fetch_next(selection);
}

}  // namespace cassia::client
