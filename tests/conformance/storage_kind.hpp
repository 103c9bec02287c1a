/// The storages that the suite runs for. To add an adapter, add a class here and its name in `CARIOSAN_STORAGE_KINDS`.
#pragma once

#include <doctest/doctest.h>

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "support/temporary_folder.hpp"

namespace cariosan::test {

/// What a test can request in addition to the contract.
struct OpenOptions {
    std::shared_ptr<Clock> clock{};
    /// Makes an inner step, given by its running number, fail like an I/O error.
    std::function<bool(std::int64_t step)> fail_step{};
    /// With a search index, which has its own thread.
    bool search = false;
    /// How long deleted text may stay in the index.
    std::chrono::milliseconds search_cleaning{100};
};

/// One database of one kind, deleted with this object.
class StorageKind {
  public:
    virtual ~StorageKind() = default;
    /// Creates the database, or opens it again after it was closed.
    virtual Result<std::unique_ptr<Storage>> open(OpenOptions options) = 0;
    /// Whether the database is still there when it is opened again.
    virtual bool persistent() const = 0;
    /// A path in a folder owned by this object, for files of a test.
    virtual std::string path(const std::string& name) const = 0;
    /// Opens a backup made by `Storage::begin_backup`.
    virtual Result<std::unique_ptr<Storage>> open_backup(const std::string& path) = 0;
    /// The current size of the log beside the database; 0 if there is none that a test can see.
    virtual std::uintmax_t log_bytes() const { return 0; }

    // A kind may hide these.

    /// Whether there is what it needs to run; if not, it has said so.
    static bool available() { return true; }
    /// Whether other processes may use the same database at the same time.
    static constexpr bool kShared = false;
    /// Of the steps that can fail, every how manieth is tried: 1 where a step costs next to nothing.
    static constexpr std::int64_t kStepStride = 1;
    /// How many random histories a test tries at most.
    static constexpr unsigned kMostSeeds = 6;
};

class SqliteFile final : public StorageKind {
  public:
    Result<std::unique_ptr<Storage>> open(OpenOptions options) override;
    bool persistent() const override { return true; }
    std::string path(const std::string& name) const override { return folder_ / name; }
    Result<std::unique_ptr<Storage>> open_backup(const std::string& path) override;
    std::uintmax_t log_bytes() const override;

  private:
    TemporaryFolder folder_;
};

class SqliteMemory final : public StorageKind {
  public:
    Result<std::unique_ptr<Storage>> open(OpenOptions options) override;
    bool persistent() const override { return false; }
    std::string path(const std::string& name) const override { return folder_ / name; }
    Result<std::unique_ptr<Storage>> open_backup(const std::string& path) override;

  private:
    TemporaryFolder folder_;
};

}  // namespace cariosan::test

#ifdef CARIOSAN_POSTGRES_KIND
#include "conformance/postgres_kind.hpp"
#define CARIOSAN_STORAGE_KINDS cariosan::test::Postgres
#else
#define CARIOSAN_STORAGE_KINDS cariosan::test::SqliteFile, cariosan::test::SqliteMemory
#endif

TYPE_TO_STRING_AS("SqliteFile", cariosan::test::SqliteFile);
TYPE_TO_STRING_AS("SqliteMemory", cariosan::test::SqliteMemory);

/// A test case that runs for every kind of storage; `Kind` is its class. Where a kind needs a server that is not there, it says
/// "skipped".
#define STORAGE_TEST(name) CARIOSAN_STORAGE_TEST(name, DOCTEST_ANONYMOUS(storage_test_))
#define CARIOSAN_STORAGE_TEST(name, body)                      \
    template <class Kind>                                      \
    static void body();                                        \
    TEST_CASE_TEMPLATE(name, Kind, CARIOSAN_STORAGE_KINDS) {   \
        if (Kind::available()) body<Kind>();                   \
    }                                                          \
    template <class Kind>                                      \
    static void body()
