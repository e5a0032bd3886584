// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "tests/support/paths.h"

extern char** environ;

namespace cassia::test {
namespace {

std::string whole(int fd) {
  std::string text;
  char chunk[65536];
  while (true) {
    const ssize_t n = ::pread(fd, chunk, sizeof chunk, static_cast<off_t>(text.size()));
    if (n <= 0) return text;
    text.append(chunk, static_cast<std::size_t>(n));
  }
}

/// The test's environment with `changes` on top.
std::vector<std::string> merged_environment(const std::vector<std::string>& changes) {
  std::vector<std::string> merged;
  auto same_name = [](std::string_view a, std::string_view b) {
    return a.substr(0, a.find('=')) == b.substr(0, b.find('='));
  };
  for (char** entry = environ; *entry; ++entry) {
    bool replaced = false;
    for (const auto& change : changes) replaced = replaced || same_name(*entry, change);
    if (!replaced) merged.emplace_back(*entry);
  }
  merged.insert(merged.end(), changes.begin(), changes.end());
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (auto& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

Result<FileDescriptor> memory_file(const char* name) {
  FileDescriptor file(::memfd_create(name, MFD_CLOEXEC));
  if (!file) return fail_errno(errno, "memfd_create");
  // Both ends share one offset only until the child writes; O_APPEND keeps its writes in order.
  ::fcntl(file.get(), F_SETFL, O_APPEND);
  return file;
}

/// Between fork and exec: only calls that are safe there.
[[noreturn]] void become(const char* path, char* const* arguments, char* const* environment,
                         const char* folder, int input, int output, int errors,
                         const std::vector<int>& inherit, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::dup2(input, 0);
  ::dup2(output, 1);
  ::dup2(errors, 2);
  for (int fd : inherit) ::fcntl(fd, F_SETFD, 0);
  if (*folder && ::chdir(folder) < 0) ::_exit(127);
  ::execve(path, arguments, environment);
  ::_exit(127);
}

int decode(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<Process> Process::start(std::vector<std::string> command, ProcessOptions options) {
  if (command.empty()) return fail(ErrorKind::invalid_argument, "no program to start");
  std::filesystem::path path = command[0];
  if (command[0].find('/') == std::string::npos) path = find_program(command[0]);
  if (path.empty() || ::access(path.c_str(), X_OK) != 0) {
    return fail(ErrorKind::not_found, "there is no program {}", command[0]);
  }

  Process process;
  process.name_ = path.filename();
  process.output_ = CASSIA_TRY(memory_file("output"));
  process.errors_ = CASSIA_TRY(memory_file("errors"));
  FileDescriptor input = CASSIA_TRY(memory_file("input"));
  if (::write(input.get(), options.input.data(), options.input.size()) !=
          static_cast<ssize_t>(options.input.size()) ||
      ::lseek(input.get(), 0, SEEK_SET) < 0) {
    return fail_errno(errno, "the input of " + process.name_);
  }

  auto environment = merged_environment(options.environment);
  auto environment_pointers = pointers(environment);
  auto argument_pointers = pointers(command);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return fail_errno(errno, "fork");
  if (child == 0) {
    become(path.c_str(), argument_pointers.data(), environment_pointers.data(),
           options.folder.c_str(), input.get(), process.output_.get(), process.errors_.get(),
           options.inherit, parent);
  }
  process.pid_ = child;
  process.handle_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      name_(std::move(other.name_)),
      handle_(std::move(other.handle_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    stop();
    pid_ = std::exchange(other.pid_, -1);
    name_ = std::move(other.name_);
    handle_ = std::move(other.handle_);
    output_ = std::move(other.output_);
    errors_ = std::move(other.errors_);
    status_ = other.status_;
  }
  return *this;
}

Process::~Process() { stop(); }

std::optional<int> Process::reap(bool block) {
  int status = 0;
  if (!status_ && pid_ > 0 && ::waitpid(pid_, &status, block ? 0 : WNOHANG) == pid_) {
    status_ = decode(status);
  }
  return status_;
}

bool Process::running() const { return pid_ > 0 && !const_cast<Process*>(this)->reap(false); }

Result<int> Process::wait(Timeout limit) {
  pollfd ended{handle_.get(), POLLIN, 0};
  if (!status_ && ::poll(&ended, 1, static_cast<int>(limit.count())) <= 0) {
    return fail(ErrorKind::timeout, "{} has not ended within {} ms; it wrote: {}{}", name_,
                limit.count(), output(), errors());
  }
  return reap(true).value_or(-1);
}

void Process::signal(int number) const {
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

int Process::stop() {
  if (pid_ <= 0) return status_.value_or(-1);
  if (!reap(false)) {
    signal(SIGTERM);
    signal(SIGCONT);  // a stopped process hears of the end only when it runs again
    if (!wait(std::chrono::seconds(5))) {
      signal(SIGKILL);
      reap(true);
    }
  }
  return status_.value_or(-1);
}

std::string Process::output() const { return whole(output_.get()); }

std::string Process::errors() const { return whole(errors_.get()); }

Result<void> Process::wait_for_text(std::string_view text, Timeout limit) {
  bool found = false;
  wait_until(
      [&] {
        const bool alive = running();  // first: what a dead process wrote is all there
        found =
            output().find(text) != std::string::npos || errors().find(text) != std::string::npos;
        return found || !alive;
      },
      limit);
  if (found) return {};
  return fail(ErrorKind::timeout, "{} {} without writing \"{}\"; it wrote: {}{}", name_,
              running() ? "still runs" : "ended", text, output(), errors());
}

Result<Usage> Process::usage() const {
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(stat, line);
  const auto after_name = line.rfind(')');
  if (after_name == std::string::npos) {
    return fail(ErrorKind::not_found, "{} has ended", name_);
  }
  std::istringstream fields(line.substr(after_name + 2));  // from field 3, the state
  std::vector<std::string> values;
  for (std::string value; fields >> value;) values.push_back(value);
  const auto ticks = std::stoll(values.at(11)) + std::stoll(values.at(12));
  Usage usage;
  usage.cpu = std::chrono::milliseconds(ticks * 1000 / ::sysconf(_SC_CLK_TCK));
  usage.resident = std::stoull(values.at(21)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return usage;
}

Result<Finished> run(std::vector<std::string> command, ProcessOptions options, Timeout limit) {
  Process process = CASSIA_TRY(Process::start(std::move(command), std::move(options)));
  const int status = CASSIA_TRY(process.wait(limit));
  return Finished{status, process.output(), process.errors()};
}

}  // namespace cassia::test
