/// The storage: lanes, epoch and housekeeping put together.
#pragma once

#include <cariosan/adapters/postgres.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/postgres/pg_writer.hpp"
#include "adapters/postgres/purge/housekeeping.hpp"

namespace cariosan::postgres {

class PostgresStorage final : public Storage {
  public:
    static Result<std::unique_ptr<Storage>> open(PostgresOptions options);

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override;
    std::size_t writer_lanes() const override { return lanes_.size(); }
    Result<bool> maintain() override;
    Result<Done> probe() override;
    Result<std::string> rotate_epoch() override;
    Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) override;
    Result<std::unique_ptr<Reader>> open_reader() override;
    std::string epoch() const override;

  private:
    /// A connection that writes, and for which of its sessions the database's history was checked.
    struct Lane {
        explicit Lane(WriterOptions options) : writer(std::move(options)) {}
        Writer writer;
        std::int64_t checked_session = 0;
    };
    /// A lane for one call. As many calls run at a time as there are lanes.
    class LeasedLane;

    explicit PostgresStorage(PostgresOptions options);

    ConnectionOptions connection_options() const;
    Result<Done> first_connection();
    /// Connects, and on a new session compares the database with the one that the epoch belongs to.
    Result<Done> ready(Lane& lane);
    Result<Done> check_history(Writer& writer);
    Result<Done> check_history_if_due(Writer& writer);
    void set_epoch(std::string epoch);

    PostgresOptions options_;
    std::shared_ptr<sql::StepFaults> faults_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::mutex lanes_mutex_;
    std::vector<Lane*> free_lanes_;  ///< under `lanes_mutex_`

    mutable std::mutex epoch_mutex_;
    std::string epoch_;  ///< under `epoch_mutex_`
    std::chrono::milliseconds history_due_{0};
    std::optional<Housekeeping> housekeeping_;
};

}  // namespace cariosan::postgres
