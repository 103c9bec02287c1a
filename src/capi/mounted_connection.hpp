#pragma once

#include <atomic>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "capi/items/outputs.hpp"

namespace cariosan::capi {

/// The connection of a session that the host serves: what the session sends becomes output for `cariosan_poll`.
///
/// `SessionSink` is used only on the polling thread; the counters may be used from any thread.
class MountedConnection final : public SessionSink, public std::enable_shared_from_this<MountedConnection> {
  public:
    /// A session whose backlog was above this is notified once it is below again; see `Session::writable`.
    static constexpr std::size_t kWritable = 256 << 10;

    MountedConnection(std::uint64_t number, Outputs& outputs) : number_(number), outputs_(outputs) {}

    std::uint64_t number() const noexcept { return number_; }

    /// Sets how many bytes of polled output the host has not sent yet. Returns whether to call `Session::writable`.
    bool set_unsent(std::size_t bytes) noexcept;
    /// The host has polled a text. Returns whether to call `Session::writable`.
    bool handed_out(std::size_t bytes) noexcept;

    /// The host's connection is gone: pending output is dropped.
    void forget() noexcept { forgotten_ = true; }
    bool forgotten() const noexcept { return forgotten_; }

    void send(const FrameRef& frame) override;
    void ping() override;
    std::size_t backlog() const override { return waiting_ + unsent_; }
    void close(std::uint16_t code, std::string_view reason) override;
    bool closing() const noexcept { return closing_; }

    /// The host's texts that wait for the session, and their size in bytes.
    std::atomic<std::size_t> texts_in{0};
    std::atomic<std::size_t> bytes_in{0};
    /// Whether such an input is already waiting: one at a time is enough.
    std::atomic<bool> alive_waits{false};
    std::atomic<bool> writable_waits{false};
    std::atomic<bool> too_big_waits{false};

    /// Null before the session is opened and after it has ended.
    std::unique_ptr<Session> session;

  private:
    bool fell_below() noexcept;

    const std::uint64_t number_;
    Outputs& outputs_;
    std::atomic<std::size_t> waiting_{0};  // bytes not polled yet
    std::atomic<std::size_t> unsent_{0};   // bytes polled but not sent by the host
    std::atomic<bool> above_{false};
    std::atomic<bool> forgotten_{false};
    bool closing_ = false;
};
using MountedConnectionRef = std::shared_ptr<MountedConnection>;

}  // namespace cariosan::capi
