#include <unistd.h>

#include <algorithm>
#include <cariosan/engine.hpp>
#include <utility>

#include "core/propagate.hpp"
#include "core/text/content_types.hpp"
#include "engine/engine_impl.hpp"

namespace cariosan {
namespace {

std::optional<Error> bad_option(const EngineOptions& options) {
    const auto misuse = [](std::string message) { return Error(ErrorCode::misuse, std::move(message)); };
    if (!options.storage) return misuse("EngineOptions::storage is missing");
    if (!options.crypto) return misuse("EngineOptions::crypto is missing");
    if (options.coordination && !options.event_bus) return misuse("EngineOptions::coordination needs an event_bus");
    const std::size_t lanes = options.storage->writer_lanes();
    if (lanes < 1 || lanes > 64) return misuse("Storage::writer_lanes must answer 1 to 64");
    if (options.reader_threads < 1 || options.reader_threads > 64) return misuse("reader_threads must be 1 to 64");
    if (options.max_batch < 1 || options.max_batch > 10'000) return misuse("max_batch must be 1 to 10,000");
    if (options.max_queued_commands < 1) return misuse("max_queued_commands must be at least 1");
    if (options.attachment_types.empty() ||
        !std::ranges::all_of(options.attachment_types, core::is_content_type_pattern)) {
        return misuse("attachment_types must name types such as image/png or audio/*");
    }
    using std::chrono::milliseconds;
    if (options.moderator_deadline < milliseconds(1) || options.moderator_deadline > std::chrono::minutes(1)) {
        return misuse("moderator_deadline must be 1 ms to a minute");
    }
    if (options.slow_command < milliseconds(0)) return misuse("slow_command must not be negative");
    if (options.max_moderator_drafts < 1) return misuse("max_moderator_drafts must be at least 1");
    return std::nullopt;
}

Result<std::vector<std::unique_ptr<Reader>>> open_readers(Storage& storage, std::size_t count) {
    std::vector<std::unique_ptr<Reader>> readers;
    for (std::size_t i = 0; i < count; ++i) {
        CARIOSAN_TRY(std::unique_ptr<Reader> reader, storage.open_reader());
        readers.push_back(std::move(reader));
    }
    return readers;
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        case LogLevel::error: return "error";
    }
    return "unknown";
}

Subscription::Subscription(Subscription&&) noexcept = default;

Subscription& Subscription::operator=(Subscription&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

Subscription::~Subscription() {
    if (state_ && state_->process == ::getpid()) state_->queue->end();
}

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
    if (auto error = bad_option(options)) return std::move(*error);
    if (!options.clock) options.clock = system_clock();
    CARIOSAN_TRY(auto readers, open_readers(*options.storage, options.reader_threads));
    CARIOSAN_TRY(auto searchers, open_readers(*options.storage, 1));
    std::unique_ptr<Reader> of_files;
    if (options.attachments) {
        CARIOSAN_TRY(of_files, options.storage->open_reader());
    }
    auto impl = std::make_unique<engine::EngineImpl>(std::move(options), std::move(readers), std::move(searchers), std::move(of_files));
    return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Engine::Engine(std::unique_ptr<engine::EngineImpl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() { (void)close(); }

Result<Outcome> Engine::run_any(const Caller& caller, Command command) { return impl_->run(caller, std::move(command)); }

void Engine::submit_any(const Caller& caller, Command command, std::function<void(Result<Outcome>)> done) {
    impl_->submit(caller, std::move(command), {engine::Completion::Where::callback_thread, std::move(done), {}, {}, {}});
}

Result<Subscription> Engine::subscribe(WorkspaceId workspace, std::function<void(const EventRef&)> callback) {
    return impl_->subscribe(workspace, std::move(callback));
}

Result<std::size_t> Engine::poll(std::size_t max) { return impl_->poll(max); }

std::string Engine::epoch() const { return impl_->epoch(); }

Result<std::string> Engine::rotate_epoch() { return impl_->rotate_epoch(); }

Result<Done> Engine::backup(const std::string& path, std::function<void(const BackupProgress&)> progress) {
    return impl_->backup(path, std::move(progress));
}

Result<Done> Engine::check() { return impl_->check(); }

Metrics Engine::metrics() const { return impl_->metrics(); }

Result<Done> Engine::close(std::chrono::milliseconds deadline) { return impl_->close(deadline); }

}  // namespace cariosan
