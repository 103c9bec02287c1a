#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cariosan/http.hpp>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/held_count.hpp"
#include "support/manual_clock.hpp"
#include "support/shared_storage.hpp"
#include "support/temporary_folder.hpp"

namespace cariosan::test {

/// A text as JSON, quoted.
std::string json_string(std::string_view text);

/// A connection without a socket, which records what it is sent.
class RecordingSink final : public SessionSink {
  public:
    void send(const FrameRef& frame) override;
    void ping() override { ++pings; }
    std::size_t backlog() const override { return backlog_; }
    void close(std::uint16_t code, std::string_view reason) override;

    void set_backlog(std::size_t bytes) { backlog_ = bytes; }
    /// From now on nothing leaves: everything sent adds to the backlog.
    void stop_reading() { reads_ = false; }
    std::vector<std::string> texts;  ///< of the messages sent, in order
    std::uint16_t close_code = 0;    ///< 0: open
    int pings = 0;

  private:
    std::size_t backlog_ = 0;
    bool reads_ = true;
};

struct Reply {
    int status = 0;
    std::vector<HttpHeader> headers;
    boost::json::value body;  ///< null if there is none
    std::string text;

    std::string_view header(std::string_view name) const;
    std::string code() const;  ///< of an error
};

/// Opens an empty storage.
using OpenEmptyStorage = std::function<Result<std::unique_ptr<Storage>>(const std::shared_ptr<Clock>& clock)>;

struct GatewayWorldOptions {
    GatewayOptions gateway{};
    OpenEmptyStorage open_storage{};  ///< null: SQLite in memory
    Limits limits{};
    Rates rates{.enabled = false};
    std::size_t max_queued_commands = 10'000;
    std::shared_ptr<AttachmentStore> attachments{};
    std::shared_ptr<EventBus> event_bus{};
    std::shared_ptr<Coordination> coordination{};
    std::shared_ptr<ManualClock> clock{};  ///< null: a clock of its own
    std::shared_ptr<HeldCount> held_count{};  ///< holds back what was read of unread messages; null: nothing does
    /// Makes this world another node on the same storage, with the same workspace.
    const class GatewayWorld* joins = nullptr;
    LogSink log{};
    LogLevel log_level = LogLevel::debug;
};

/// An engine, its gateway, and one lane that runs on the test's thread.
class GatewayWorld {
  public:
    using Options = GatewayWorldOptions;
    explicit GatewayWorld(Options options = {});
    ~GatewayWorld();

    Engine& engine() { return *engine_; }
    Gateway& gateway() { return *gateway_; }
    Lane& lane() { return *lane_; }
    ManualClock& clock() const { return *clock_; }
    SharedStorage::Shared& storage() { return *storage_; }
    const WorkspaceCredentials& workspace() const { return workspace_; }

    Reply request(HttpRequest request);
    /// Requests as the workspace's backend.
    Reply backend(std::string_view method, std::string_view target, std::string_view body = "");
    /// What `backend` requests, to be changed.
    HttpRequest backend_request(std::string_view method, std::string_view target, std::string_view body = "") const;
    /// Requests as a user, given by external id.
    Reply user(std::string_view external_id, std::string_view method, std::string_view target,
               std::string_view body = "");
    std::string token(std::string_view external_id);
    /// The internal id of a user or group with this external id.
    std::string user_id(std::string_view external_id);
    std::string channel_id(std::string_view external_id);

    void make_user(std::string_view external_id, std::string_view name);
    void make_group(std::string_view external_id, const std::vector<std::string>& members);

    /// Passes a request's head only.
    RequestOutcome begin(HttpRequest head);
    UpgradeOutcome admit(HttpRequest request);
    UpgradeOutcome admit_token(std::string_view token);
    /// Like `admit`, but by a client that offers `cariosan.v1`, and so receives the reason of a refusal.
    UpgradeOutcome admit_versioned(std::string_view token);

    /// Runs the lane until the condition is true; fails the test if that does not happen.
    void run_until(const std::function<bool()>& condition);
    /// Runs the lane with everything that is there or arrives within a moment.
    void run_briefly();

  private:
    std::shared_ptr<ManualClock> clock_;
    std::unique_ptr<TemporaryFolder> folder_;  ///< null: in memory
    std::shared_ptr<SharedStorage::Shared> storage_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Gateway> gateway_;
    std::unique_ptr<Lane> lane_;
    WorkspaceCredentials workspace_;
    std::mutex mutex_;
    std::condition_variable wakened_;
    bool awake_ = false;
};

/// The client's side of a connection.
class TestClient {
  public:
    /// Connects and waits for `connection.ready`, which stays unread.
    TestClient(GatewayWorld& world, std::string_view external_id);
    /// For an admitted upgrade; does not wait.
    TestClient(GatewayWorld& world, std::unique_ptr<Admission> admission);
    ~TestClient();

    void send(std::string_view text) { session_->receive(text); }
    /// The next unread frame; waits for it.
    boost::json::value next();
    /// The next frame of this type; skips others.
    boost::json::value next(std::string_view type);
    /// Sends a ping and returns the types of all frames up to its pong.
    std::vector<std::string> types_until_pong();
    std::uint16_t wait_closed();

    /// Clears received frames, read or not.
    void forget() {
        std::vector<std::string>().swap(sink_.texts);
        read_ = 0;
    }

    RecordingSink& sink() { return sink_; }
    Session& session() { return *session_; }

  private:
    GatewayWorld& world_;
    RecordingSink sink_;
    std::unique_ptr<Session> session_;
    std::size_t read_ = 0;
};

/// The member at a path such as "data.message.seq"; null if absent.
boost::json::value at(const boost::json::value& value, std::string_view path);
boost::json::array list_at(const boost::json::value& value, std::string_view path);
std::string text_at(const boost::json::value& value, std::string_view path);
std::int64_t number_at(const boost::json::value& value, std::string_view path);

}  // namespace cariosan::test
