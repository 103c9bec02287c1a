#pragma once

#include <cariosan/http.hpp>
#include <cariosan/limits.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "capi/items/outputs.hpp"
#include "capi/mounted_connection.hpp"
#include "capi/mounted_request.hpp"

namespace cariosan::capi {

/// The error of a body over the limit.
Error body_too_large(const Limits& limits);

/// The protocol behind a host's own server: one lane of the gateway, which runs on the polling thread.
///
/// Input from other threads waits in a bounded list until the polling thread takes it.
class Mount {
  public:
    using Time = std::chrono::steady_clock::time_point;

    static constexpr std::size_t kMaxBytesIn = std::size_t{64} << 20U;
    static constexpr std::size_t kMaxSessionBytesIn = std::size_t{1} << 20U;
    static constexpr std::size_t kMaxSessionTextsIn = 256;

    /// `wake` is called, from any thread, when `run` has work. `unavailable` if the gateway has no lane left.
    static Result<std::unique_ptr<Mount>> create(Gateway& gateway, Outputs& outputs, const Limits& limits,
                                                 std::function<void()> wake);
    /// Like `finish`.
    ~Mount();

    // From any thread. `unavailable` if too much is waiting, or after `refuse`.

    Result<Done> http(HttpRequest request, TicketRef ticket);
    Result<Done> begin(HttpRequest head, TicketRef ticket);
    Result<Done> body(std::uint64_t number, std::string_view part, bool last);
    Result<Done> give_up(std::uint64_t number);
    Result<Done> open_session(HttpRequest request, TicketRef ticket);
    Result<Done> receive(std::uint64_t number, std::string_view text);
    Result<Done> alive(std::uint64_t number);
    Result<Done> set_unsent(std::uint64_t number, std::size_t bytes);
    Result<Done> closed(std::uint64_t number);
    /// Accepts no new input from now on.
    void refuse();

    // On the polling thread.

    /// Processes waiting input and expired deadlines.
    void run();
    /// When `run` must be called next even without input.
    std::optional<Time> next_deadline() const noexcept { return next_tick_; }
    /// The host has polled a text of this session.
    void handed_out(const MountedConnectionRef& session, std::size_t bytes);
    /// The host has polled the end of this session.
    void ended(const MountedConnectionRef& session);
    /// Answers the remaining requests and closes all sessions with 1001. Call it after `refuse`, and after the engine was closed.
    void finish();

  private:
    struct HttpInput {
        HttpRequest request;
        TicketRef ticket;
    };
    struct BeginInput {
        HttpRequest head;
        TicketRef ticket;
    };
    struct BodyInput {
        MountedRequestRef request;
        std::string part;
        bool last = false;
    };
    struct RefuseInput {
        MountedRequestRef request;
    };
    struct GiveUpInput {
        MountedRequestRef request;
    };
    struct OpenInput {
        HttpRequest request;
        TicketRef ticket;
    };
    struct TextInput {
        MountedConnectionRef session;
        std::string text;
    };
    struct CloseInput {
        MountedConnectionRef session;
        std::uint16_t code = 0;
        std::string reason;
    };
    struct AliveInput {
        MountedConnectionRef session;
    };
    struct WritableInput {
        MountedConnectionRef session;
    };
    struct ClosedInput {
        MountedConnectionRef session;
    };
    using Input = std::variant<HttpInput, BeginInput, BodyInput, RefuseInput, GiveUpInput, OpenInput, TextInput, CloseInput,
                               AliveInput, WritableInput, ClosedInput>;

    Mount(Gateway& gateway, Outputs& outputs, const Limits& limits, std::function<void()> wake);

    Result<Done> push(Input input, std::size_t bytes);
    Result<Done> push_writable(const MountedConnectionRef& session);
    Result<MountedConnectionRef> find(std::uint64_t number) const;
    void remove(std::uint64_t number);
    void take_inputs();
    void open_admitted();
    void end(MountedConnection& session);

    void respond_to(HttpResponse response, const std::function<void(HttpResponse)>& respond);
    void join_parts(const std::shared_ptr<HttpResponse>& response,
                    const std::function<void(HttpResponse)>& respond);
    void respond(const TicketRef& ticket, HttpResponse response);

    Result<MountedRequestRef> find_request(std::uint64_t number) const;
    void await_body(const MountedRequestRef& request, std::unique_ptr<PendingRequest> pending);
    void take_body(const MountedRequestRef& request);
    void hold_body(const MountedRequestRef& request);
    void finish(const MountedRequestRef& request);
    void answer(const MountedRequestRef& request, HttpResponse response);
    void refuse(const MountedRequestRef& request, const Error& error, std::optional<int> status = {});
    void refuse_incomplete(const Error& error);

    void perform(HttpInput& input);
    void perform(BeginInput& input);
    void perform(BodyInput& input);
    void perform(RefuseInput& input);
    void perform(GiveUpInput& input);
    void perform(OpenInput& input);
    void refuse_upgrade(OpenInput& input);
    void perform(TextInput& input);
    void perform(CloseInput& input);
    void perform(AliveInput& input);
    void perform(WritableInput& input);
    void perform(ClosedInput& input);

    Gateway& gateway_;
    Outputs& outputs_;
    const Limits limits_;
    const std::function<void()> wake_;

    std::mutex input_mutex_;
    std::vector<Input> inputs_;
    std::size_t bytes_in_ = 0;
    bool refusing_ = false;

    mutable std::mutex sessions_mutex_;
    std::unordered_map<std::uint64_t, MountedConnectionRef> sessions_;
    std::uint64_t last_session_ = 0;

    mutable std::mutex requests_mutex_;
    std::unordered_map<std::uint64_t, MountedRequestRef> requests_;
    std::uint64_t last_request_ = 0;

    // Used only on the polling thread.
    std::unique_ptr<Lane> lane_;
    std::size_t unanswered_ = 0;  // requests that the gateway has not answered yet
    std::vector<std::pair<std::unique_ptr<Admission>, TicketRef>> admitted_;
    std::optional<Time> next_tick_;
};

}  // namespace cariosan::capi
