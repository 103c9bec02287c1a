#include "adapters/postgres/pg_connection.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "adapters/postgres/pg_failures.hpp"

namespace cariosan::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How much longer than a statement may take its answer is waited for, before the connection counts as lost.
constexpr milliseconds kAnswerGrace{30'000};
/// How long a process may be stopped inside a transaction, in milliseconds, before the server ends it: its locks keep others out.
constexpr std::int64_t kIdleInTransaction = 15'000;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return text;
}

std::string in_one_line(std::string_view text) {
    std::string line(trimmed(text));
    std::ranges::replace(line, '\n', ' ');
    return line;
}

Error result_error(const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* sentence = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    // Without a code it is libpq that speaks, of the connection.
    if (state == nullptr) return unreachable(in_one_line(PQresultErrorMessage(result)));
    return server_error(state, sentence == nullptr ? "" : sentence);
}

/// Why connecting, or sending, was refused. libpq names host, port, database and user, and no password.
Error refusal(const PGconn* handle) {
    std::string sentence = in_one_line(PQerrorMessage(handle));
    if (sentence.ends_with("session is read-only") || sentence.ends_with("server is in hot standby mode")) {
        return server_error("25006", sentence);
    }
    return unreachable(std::move(sentence));
}

/// Whether an error says that the transaction was not committed. A server that stops while the COMMIT runs may have done it.
bool is_refusal(const PGresult* result, bool of_commit) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state != nullptr && !(of_commit && std::string_view(state).starts_with("57P"));
}

/// The settings of a session or, behind PgBouncer, of a transaction. A commit is on disk when it is answered, whatever the
/// database's own default.
constexpr const char* kSettings =
    "SELECT set_config('statement_timeout', $1, $4 <> 0), set_config('lock_timeout', $2, $4 <> 0),"
    " set_config('idle_in_transaction_session_timeout', $3, $4 <> 0),"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
    " ELSE current_setting('synchronous_commit') END, $4 <> 0),"
    " set_config('plan_cache_mode', 'force_generic_plan', $4 <> 0), set_config('jit', 'off', $4 <> 0)";

}  // namespace

Connection::Connection(ConnectionOptions options)
    : options_(std::move(options)), reconnecting_(options_.clock, options_.random) {}

Connection::~Connection() { PQfinish(handle_); }

Result<Done> Connection::ready() {
    if (handle_ != nullptr) {
        clear_failure();
        if (is_dead()) {
            lose(unreachable("the connection was closed"));
        } else if (in_transaction_ || !expected_.empty()) {
            roll_back();
        }
    }
    clear_failure();
    return handle_ == nullptr ? connect() : Done{};
}

bool Connection::is_dead() {
    pollfd socket{PQsocket(handle_), POLLIN, 0};
    if (::poll(&socket, 1, 0) <= 0) return false;
    // Between units of work the server says nothing but that it ends the session, or a notice.
    return PQconsumeInput(handle_) == 0 || PQstatus(handle_) != CONNECTION_OK;
}

Result<Done> Connection::connect() {
    if (!reconnecting_.may_try() && last_refusal_) return *last_refusal_;
    if (options_.faults && options_.faults->next()) return planted_failure();
    const std::string timeout = fmt::format("{}", std::max<std::int64_t>(options_.connect_timeout.count(), 2));
    // What stands before `dbname` the connection string may change; what stands after it holds.
    const std::array<const char*, 8> names{"connect_timeout", "target_session_attrs", "fallback_application_name",
                                           "tcp_user_timeout", "keepalives_idle", "dbname", "client_encoding", nullptr};
    const std::array<const char*, 8> values{timeout.c_str(), "read-write", "cariosan", "30000", "10",
                                            options_.connection.c_str(), "UTF8", nullptr};
    handle_ = PQconnectdbParams(names.data(), values.data(), 1);
    Result<Done> connected = Done{};
    if (PQstatus(handle_) != CONNECTION_OK) {
        connected = refusal(handle_);
    } else {
        ++sessions_;
        connected = set_up();
    }
    if (connected) {
        reconnecting_.succeeded();
        last_refusal_.reset();
        return connected;
    }
    reconnecting_.failed();
    last_refusal_ = connected.error();
    lose(connected.error());
    clear_failure();
    return connected;
}

Result<Done> Connection::set_up() {
    PQsetNoticeProcessor(handle_, [](void*, const char*) {}, nullptr);
    if (PQsetnonblocking(handle_, 1) != 0 || PQenterPipelineMode(handle_) != 1) return refusal(handle_);
    clear_failure();
    if (options_.prepared_statements && !(send_settings(false) && settle())) return failure();
    return Done{};
}

bool Connection::send_settings(bool of_transaction) {
    Parameters settings;
    settings.add(std::to_string(options_.statement_timeout.count()));
    settings.add(std::to_string(options_.lock_timeout.count()));
    settings.add(std::to_string(kIdleInTransaction));
    settings.add(of_transaction);
    return send(kSettings, settings, false) != nullptr;
}

void Connection::fail(Error error) {
    if (!failure_) failure_ = std::move(error);
}

bool Connection::may_step() {
    if (failed()) return false;
    if (handle_ == nullptr) {
        fail(unreachable("there is no connection"));
    } else if (options_.faults && options_.faults->next()) {
        fail(planted_failure());
    }
    return !failed();
}

void Connection::lose(Error error) {
    fail(std::move(error));
    PQfinish(handle_);
    handle_ = nullptr;
    in_transaction_ = ending_ = false;
    for (Expected& each : expected_) {
        if (each.answer) each.answer->arrived = true;
    }
    expected_.clear();
    prepared_.clear();
}

bool Connection::begin(std::string_view sql) {
    drop_held();
    Parameters none;
    if (send(std::string(sql), none, false) == nullptr) return false;
    in_transaction_ = true;
    return options_.prepared_statements || send_settings(true);
}

void Connection::send_held() {
    if (held_ == nullptr || sending_held_) return;
    sending_held_ = true;
    held_->send();
    sending_held_ = false;
}

void Connection::push_held() {
    send_held();
    // What does not fit now is sent whenever the next answer is waited for.
    if (!failed() && handle_ != nullptr && PQflush(handle_) < 0) lose(refusal(handle_));
}

void Connection::drop_held() noexcept {
    sending_held_ = false;
    if (held_ != nullptr) held_->drop();
}

Ending Connection::commit() {
    send_held();
    if (!may_step()) return Ending::failed;
    const auto answer = std::make_shared<Answer>();
    commit_refused_ = false;
    if (PQsendQueryParams(handle_, "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 1) == 1) {
        expected_.push_back({answer, nullptr, false});
        committing_ = answer;
        settle();
        committing_.reset();
    } else {
        lose(refusal(handle_));
    }
    // If the server refused it, or something before it, it did not commit. Without any answer nobody knows.
    if (failed()) return commit_refused_ ? Ending::failed : Ending::unknown;
    in_transaction_ = false;
    // A transaction that failed before ends with ROLLBACK, which is no error.
    if (std::string_view(PQcmdStatus(answer->result.get())) == "COMMIT") return Ending::committed;
    fail(server_error("25P02", "the transaction had failed before"));
    return Ending::failed;
}

void Connection::roll_back() {
    drop_held();
    clear_failure();
    if (handle_ == nullptr) return;
    settle();
    if (handle_ == nullptr) {
        clear_failure();
        return;
    }
    clear_failure();
    if (!in_transaction_) return;
    Parameters none;
    send("ROLLBACK", none, false);
    if (settle()) {
        in_transaction_ = false;
        return;
    }
    lose(failure());
    clear_failure();
}

void Connection::end_reading() {
    // What is still queued may have failed, and so may the connection.
    if (failed() || !in_transaction_ || !expected_.empty()) return roll_back();
    Parameters none;
    ending_ = send("ROLLBACK", none, false) != nullptr && queue_sync();
    if (!ending_ || PQflush(handle_) != 0) roll_back();
}

bool Connection::prepare(const std::string& sql, const Parameters& parameters, Prepared*& prepared) {
    const auto [entry, fresh] = prepared_.try_emplace(sql);
    prepared = &entry->second;
    if (fresh) prepared->name = fmt::format("cariosan_{}", prepared_.size());
    if (prepared->sent) return true;
    if (PQsendPrepare(handle_, prepared->name.c_str(), sql.c_str(), parameters.count(), parameters.types()) != 1) return false;
    prepared->sent = true;
    expected_.push_back({nullptr, prepared, false});
    return true;
}

std::shared_ptr<Answer> Connection::send(const std::string& sql, Parameters& parameters, bool repeated) {
    send_held();
    if (!may_step()) return nullptr;
    Prepared* prepared = nullptr;
    int sent = 0;
    if (!repeated || !options_.prepared_statements) {
        sent = PQsendQueryParams(handle_, sql.c_str(), parameters.count(), parameters.types(), parameters.values(),
                                 parameters.lengths(), parameters.formats(), 1);
    } else if (prepare(sql, parameters, prepared)) {
        sent = PQsendQueryPrepared(handle_, prepared->name.c_str(), parameters.count(), parameters.values(),
                                   parameters.lengths(), parameters.formats(), 1);
    }
    if (sent != 1) {
        lose(refusal(handle_));
        return nullptr;
    }
    auto answer = std::make_shared<Answer>();
    expected_.push_back({answer, nullptr, false});
    return answer;
}

/// Until the end of the transaction, lest it outlives a failure.
void Connection::plan(std::string_view how) {
    Parameters none;
    send(fmt::format("SET LOCAL plan_cache_mode = {}", how), none, false);
}

void Connection::let_server_plan() { plan("auto"); }

std::shared_ptr<Answer> Connection::send_planned(const std::string& sql, Parameters& parameters) {
    plan("force_custom_plan");
    auto answer = send(sql, parameters, false);
    plan("force_generic_plan");
    return answer;
}

bool Connection::wait(const Answer& answer) { return answer.arrived ? !failed() : settle(); }

bool Connection::settle() {
    if (handle_ == nullptr || expected_.empty()) return !failed();
    if (!expected_.back().sync && !queue_sync()) return false;
    while (!expected_.empty()) {
        ResultHandle result = next_result();
        if (handle_ == nullptr) return false;
        Expected expected = std::move(expected_.front());
        expected_.pop_front();
        take(std::move(expected), std::move(result));
        if (handle_ == nullptr) return false;
    }
    if (std::exchange(ending_, false) && !failed()) in_transaction_ = false;
    return !failed();
}

bool Connection::queue_sync() {
    if (PQpipelineSync(handle_) != 1) {
        lose(refusal(handle_));
        return false;
    }
    expected_.push_back({nullptr, nullptr, true});
    return true;
}

ResultHandle Connection::next_result() {
    const auto deadline = steady_clock::now() + options_.statement_timeout + kAnswerGrace;
    while (PQflush(handle_) == 1 || PQisBusy(handle_) == 1) {
        if (!wait_for_bytes(deadline)) return nullptr;
    }
    ResultHandle result(PQgetResult(handle_));
    if (result == nullptr) lose(unreachable("an answer is missing"));
    return result;
}

bool Connection::wait_for_bytes(steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const auto wanted = static_cast<short>(PQflush(handle_) == 1 ? POLLIN | POLLOUT : POLLIN);
    pollfd socket{PQsocket(handle_), wanted, 0};
    const int found = ::poll(&socket, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (found < 0 && errno == EINTR) return true;
    if (found <= 0) {
        lose(unreachable("it does not answer"));
        return false;
    }
    // After the last bytes of a server that ends the session there may still be its reason, which PQgetResult gives.
    if ((socket.revents & POLLIN) != 0 || (socket.revents & (POLLERR | POLLHUP)) != 0) PQconsumeInput(handle_);
    return true;
}

void Connection::take(Expected expected, ResultHandle result) {
    const ExecStatusType status = PQresultStatus(result.get());
    const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (status == PGRES_FATAL_ERROR) {
        Error error = result_error(result.get());
        commit_refused_ = commit_refused_ || is_refusal(result.get(), expected.answer != nullptr && expected.answer == committing_);
        if (expected.answer) expected.answer->arrived = true;
        if (PQstatus(handle_) != CONNECTION_OK) return lose(std::move(error));
        fail(std::move(error));
    } else if (expected.sync != (status == PGRES_PIPELINE_SYNC)) {
        return lose(unreachable("its answers are out of step"));
    }
    if (expected.sync) return;
    if (!good && expected.prepared != nullptr) expected.prepared->sent = false;
    if (expected.answer) {
        if (good) expected.answer->result = std::move(result);
        expected.answer->arrived = true;
    }
    // Each statement's results end with none.
    if (ResultHandle end(PQgetResult(handle_)); end != nullptr) lose(unreachable("its answers are out of step"));
}

bool Connection::send_text(const std::string& sql) {
    if (!settle() || !may_step()) return false;
    if (PQexitPipelineMode(handle_) == 1 && PQsendQuery(handle_, sql.c_str()) == 1) return true;
    lose(refusal(handle_));
    return false;
}

ResultHandle Connection::next_text_result() {
    const auto deadline = steady_clock::now() + std::chrono::hours(24);
    while (PQflush(handle_) == 1 || PQisBusy(handle_) == 1) {
        if (!wait_for_bytes(deadline)) return nullptr;
    }
    return ResultHandle(PQgetResult(handle_));
}

bool Connection::finish_text() {
    while (handle_ != nullptr) {
        const ResultHandle result = next_text_result();
        if (result == nullptr) break;
        if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) fail(result_error(result.get()));
    }
    if (handle_ == nullptr) return false;
    if (PQstatus(handle_) != CONNECTION_OK || PQenterPipelineMode(handle_) != 1) lose(refusal(handle_));
    return !failed();
}

bool Connection::execute(const std::string& sql) { return send_text(sql) && finish_text(); }

bool Connection::copy(const std::string& sql, std::string_view data) {
    if (!send_text(sql)) return false;
    const ResultHandle started = next_text_result();
    if (handle_ == nullptr) return false;
    if (PQresultStatus(started.get()) != PGRES_COPY_IN) {
        if (started != nullptr) fail(result_error(started.get()));
        return finish_text();
    }
    const auto deadline = steady_clock::now() + std::chrono::hours(24);
    int sent = 0;
    // 0: wait until the server has taken some. Without an error the end is said in the same way.
    while ((sent = PQputCopyData(handle_, data.data(), static_cast<int>(data.size()))) == 0) {
        if (!wait_for_bytes(deadline)) return false;
    }
    while (sent == 1 && (sent = PQputCopyEnd(handle_, nullptr)) == 0) {
        if (!wait_for_bytes(deadline)) return false;
    }
    if (sent == 1) return finish_text();
    lose(refusal(handle_));
    return false;
}

}  // namespace cariosan::postgres
