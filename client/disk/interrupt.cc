// SPDX-License-Identifier: Apache-2.0
#include "client/disk/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

namespace cassia::client {
namespace {

sigset_t interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

InterruptGuard::InterruptGuard(storage::Progress& progress) {
  const sigset_t set = interrupts();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = FileDescriptor(::signalfd(-1, &set, SFD_CLOEXEC));
  stop_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this, &progress] { watch(progress); });
}

void InterruptGuard::watch(storage::Progress& progress) const {
  std::array<pollfd, 2> waiting{{{signals_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  while (true) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if ((waiting[1].revents & POLLIN) != 0) return;
    signalfd_siginfo info{};
    if ((waiting[0].revents & POLLIN) != 0 &&
        ::read(signals_.get(), &info, sizeof info) == sizeof info) {
      progress.cancel();
    }
  }
}

InterruptGuard::~InterruptGuard() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
  const sigset_t set = interrupts();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace cassia::client
