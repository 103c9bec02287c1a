/// One connection to PostgreSQL, in libpq's pipeline mode: statements are queued, and only who needs an answer waits.
///
/// Errors are sticky, as in a C++ stream: the connection keeps the first failure of any statement, and every later step does
/// nothing and reads as "no row". Whoever runs a unit of work (a transaction, one read) checks at its end, where `settle` or
/// `commit` has waited for everything. So a failure is never mistaken for "not found", and no step after it has an effect.
/// A lost connection is one more failure; the next `ready` connects again.
#pragma once

#include <libpq-fe.h>

#include <cariosan/error.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/postgres/pg_values.hpp"
#include "adapters/postgres/reconnecting.hpp"
#include "adapters/sql/step_faults.hpp"

namespace cariosan::postgres {

/// As in `PostgresOptions`.
struct ConnectionOptions {
    std::string connection;
    std::chrono::seconds connect_timeout{5};
    std::chrono::milliseconds statement_timeout{30'000};
    std::chrono::milliseconds lock_timeout{10'000};
    bool prepared_statements = true;
    std::shared_ptr<Clock> clock;
    std::function<double()> random;
    std::shared_ptr<sql::StepFaults> faults;
};

struct ResultDeleter {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ResultDeleter>;

/// What a statement gets back. Without a result if it failed, or did not run.
struct Answer {
    ResultHandle result;
    bool arrived = false;
};

/// How a transaction ended. Unknown: the connection broke after its end was asked for.
enum class Ending : std::uint8_t { committed, failed, unknown };

/// Writes that wait to be sent together.
class HeldWrites {
  public:
    virtual ~HeldWrites() = default;
    /// Sends them. The statements that it sends do not cause a further call.
    virtual void send() = 0;
    /// Forgets them: the transaction that they belong to is rolled back.
    virtual void drop() noexcept = 0;
};

/// Used by one thread at a time. Must outlive its statements.
class Connection {
  public:
    explicit Connection(ConnectionOptions options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Before each unit of work: connects if need be, forgets the last failure, and ends what the last unit left open.
    /// `unavailable` at once while a pause between two attempts lasts.
    Result<Done> ready();
    /// How often it has connected: who keeps something for a session compares.
    std::int64_t sessions() const noexcept { return sessions_; }

    /// Begins a transaction: "BEGIN", or with more words. Does not wait.
    bool begin(std::string_view sql = "BEGIN");
    /// Commits, and waits for it. After `failed` or `unknown`, call `roll_back`.
    Ending commit();
    /// Ends a transaction that failed, and forgets the failure. Gives the connection up if it cannot.
    void roll_back();
    /// Ends a transaction that wrote nothing, and does not wait until the server has: `ready` takes its answer.
    void end_reading();
    bool in_transaction() const noexcept { return in_transaction_; }

    /// From now on, these are sent before any other statement and before a COMMIT, so that whoever reads sees what was written.
    /// They must outlive the connection's last use.
    void hold(HeldWrites* writes) noexcept { held_ = writes; }
    /// Sends them now, so that the server works while the rest of the batch is worked out. Does not wait.
    void push_held();

    /// How many statements that may write it was given, but for held writes: who keeps what was read compares.
    std::int64_t changes() const noexcept { return changes_; }
    void count_change() noexcept { ++changes_; }

    /// Queues a statement; null if the connection failed. With `repeated`, it is prepared and kept.
    std::shared_ptr<Answer> send(const std::string& sql, Parameters& parameters, bool repeated);
    /// Until the end of the transaction, the server makes plans for the values of parameters where it expects more of them. Otherwise it
    /// makes one plan for each prepared statement, whatever the values: for a batch of messages, or a page, making a plan takes as long
    /// as running it.
    void let_server_plan();

    /// Queues a statement of a transaction that is planned for these values of its parameters; null if the connection failed.
    std::shared_ptr<Answer> send_planned(const std::string& sql, Parameters& parameters);
    /// Waits for an answer, and with it for everything queued before. False after a failure.
    bool wait(const Answer& answer);
    /// Waits for everything queued. False after a failure.
    bool settle();
    /// Runs a text of several statements, outside the pipeline. Nothing may be queued.
    bool execute(const std::string& sql);
    /// Runs a COPY … FROM STDIN with this data, outside the pipeline, and waits for it.
    bool copy(const std::string& sql, std::string_view data);

    bool failed() const noexcept { return failure_.has_value(); }
    /// Call only if `failed()`.
    const Error& failure() const noexcept { return *failure_; }
    /// Keeps the first failure of a unit of work.
    void fail(Error error);
    void clear_failure() noexcept { failure_.reset(); }

  private:
    struct Prepared {
        std::string name;
        bool sent = false;
    };
    /// What the next result in the pipeline belongs to.
    struct Expected {
        std::shared_ptr<Answer> answer;  ///< null: nobody asked
        Prepared* prepared = nullptr;    ///< it prepares this
        bool sync = false;
    };

    /// Ends what was queued, so that the server answers all of it.
    bool queue_sync();
    void send_held();
    void drop_held() noexcept;
    Result<Done> connect();
    Result<Done> set_up();
    bool send_settings(bool of_transaction);
    void plan(std::string_view how);
    bool prepare(const std::string& sql, const Parameters& parameters, Prepared*& prepared);
    bool may_step();
    /// Waits until something came, or something more can be sent. False if that takes too long.
    bool wait_for_bytes(std::chrono::steady_clock::time_point deadline);
    ResultHandle next_result();
    /// Leaves the pipeline and sends statements as one text; `finish_text` takes all their results and goes back.
    bool send_text(const std::string& sql);
    bool finish_text();
    ResultHandle next_text_result();
    void take(Expected expected, ResultHandle result);
    void lose(Error error);
    bool is_dead();

    ConnectionOptions options_;
    Reconnecting reconnecting_;
    PGconn* handle_ = nullptr;
    std::int64_t sessions_ = 0;
    bool in_transaction_ = false;
    bool ending_ = false;  ///< the ROLLBACK of the transaction is among what is expected, and nothing after it
    std::shared_ptr<Answer> committing_;  ///< to the COMMIT that is being waited for
    bool commit_refused_ = false;  ///< a statement before the COMMIT failed, so that it was not run
    std::deque<Expected> expected_;
    std::unordered_map<std::string, Prepared> prepared_;
    std::int64_t changes_ = 0;
    HeldWrites* held_ = nullptr;
    bool sending_held_ = false;
    std::optional<Error> failure_;
    std::optional<Error> last_refusal_;  ///< of the last attempt to connect
};

}  // namespace cariosan::postgres
