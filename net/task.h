// SPDX-License-Identifier: Apache-2.0
#pragma once

// The coroutine type of everything that waits: a C++20 coroutine on a Boost.Asio executor.
// Include this only where coroutines are declared; it is the heavy part of Asio.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace cassia::net {

template <class T = void>
using Task = boost::asio::awaitable<T>;
using Executor = boost::asio::any_io_executor;

}  // namespace cassia::net
