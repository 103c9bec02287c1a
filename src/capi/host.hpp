/// What a `cariosan_engine` consists of: the C++ engine, its gateway, and the one queue the host polls.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "capi/items/item.hpp"
#include "capi/items/outputs.hpp"
#include "capi/items/poll_turn.hpp"
#include "capi/items/wake_descriptor.hpp"
#include "capi/mount.hpp"
#include "capi/options.hpp"
#include "capi/parts/questions.hpp"
#include "capi/parts/host_tables.hpp"
#include "capi/transfers/exports.hpp"
#include "capi/transfers/imports.hpp"
#include "engine/threads/process_mark.hpp"

namespace cariosan::capi {

/// Converts and forwards. All calls from any thread, with the exceptions cariosan.h names.
class Host {
  public:
    static Result<std::unique_ptr<Host>> open(Options options, HostTables tables);
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    /// False in a forked child process: there the object must not be used, nor even destroyed.
    bool in_its_process() const noexcept;

    Result<Done> close(std::chrono::milliseconds deadline);

    Result<Done> call(std::string_view caller, std::string_view name, std::string_view json,
                      std::uint64_t ticket);
    Result<std::string> call_wait(std::string_view caller, std::string_view name, std::string_view json);
    Result<std::uint64_t> subscribe(std::string_view workspace);
    Result<Done> unsubscribe(std::uint64_t subscription);

    /// If `timeout` is absent, waits without limit. Null if there was nothing to poll.
    Result<ItemPtr> poll(std::optional<std::chrono::milliseconds> timeout);
    int wake_descriptor() const noexcept { return wake_->get(); }

    std::size_t most_head_fields() const noexcept {
        return static_cast<std::size_t>(limits_.request_head_fields);
    }
    /// The error that refuses a request before it is copied; absent if it is within the limits.
    std::optional<Error> over_limit(std::size_t head_bytes, std::size_t head_fields,
                                    std::size_t body_bytes) const;
    Result<Done> http(HttpRequest request, std::uint64_t ticket);
    Result<Done> begin(HttpRequest head, std::uint64_t ticket);
    Result<Done> open_session(HttpRequest request, std::uint64_t ticket);
    /// Answers a request that was never copied. `kind`: a response or a refusal.
    Result<Done> refuse(std::int32_t kind, const Error& error, std::uint64_t ticket);
    Result<Done> drain(std::chrono::milliseconds reconnect_after);
    Mount& mount() noexcept { return *mount_; }
    Engine& engine() noexcept { return *engine_; }
    Result<std::string> metrics() const;
    /// `user` null: the whole workspace.
    Result<std::uint64_t> open_export(std::string_view workspace, const char* user);
    Exports& exports() noexcept { return exports_; }
    Result<std::uint64_t> open_import(std::string_view options);
    Result<Done> run_import(std::uint64_t import, std::uint64_t ticket);
    Imports& imports() noexcept { return imports_; }
    Questions& questions() noexcept { return *questions_; }

  private:
    struct OpenSubscription {
        SubscriptionHandleRef handle;
        Subscription subscription;
    };

    Host(std::size_t max_tickets, HostTables tables);
    Result<Done> start(Options options);
    std::optional<Error> refuse_new() const;
    Result<Caller> admit_call(std::string_view caller, std::string_view json) const;

    // Used only on the polling thread.
    Result<ItemPtr> poll_until(std::optional<PollTurn::Time> until);
    ItemPtr next_item();
    ItemPtr item_of(ReadyOutput& output);
    ItemPtr item_of(LateOutput& output) { return output.make(); }
    ItemPtr item_of(EventOutput& output);
    ItemPtr item_of(TextOutput& output);
    ItemPtr item_of(PingOutput& output);
    ItemPtr item_of(CloseOutput& output);
    ItemPtr item_of(LogOutput& output);

    const engine::ProcessMark process_;
    const HostTables tables_;
    bool opened_ = false;  // the tables are ours to release
    const std::shared_ptr<Questions> questions_ = std::make_shared<Questions>();
    Limits limits_;
    std::unique_ptr<WakeDescriptor> wake_;
    Outputs outputs_;
    PollTurn turn_;
    bool more_callbacks_ = false;  // the engine has callbacks left to run; used only on the polling thread

    // Each uses those before it.
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Gateway> gateway_;
    std::unique_ptr<Mount> mount_;
    Exports exports_;
    Imports imports_{outputs_};

    std::mutex subscriptions_mutex_;
    std::unordered_map<std::uint64_t, OpenSubscription> subscriptions_;
    std::uint64_t last_subscription_ = 0;
};

}  // namespace cariosan::capi

/// What `cariosan_engine*` points to.
struct cariosan_engine {
    std::unique_ptr<cariosan::capi::Host> host;
};
