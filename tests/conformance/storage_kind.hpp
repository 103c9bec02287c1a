/// The storages that the suite runs for. It is compiled once: a program that links it says by `suite_kinds` which ones it has.
#pragma once

#include <doctest/doctest.h>

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

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

/// A kind of storage that a program runs the suite for.
struct SuiteKind {
    std::string_view name;
    std::unique_ptr<StorageKind> (*make)();
    /// Whether there is what it needs to run; if not, it says so.
    bool (*available)() = [] { return true; };
    /// Whether other processes may use the same database at the same time.
    bool shared = false;
    /// Of the steps that can fail, every how manieth is tried: 1 where a step costs next to nothing.
    std::int64_t step_stride = 1;
    /// How many random histories a test tries at most.
    unsigned most_seeds = 6;
};

/// The kinds of this program, which defines it. Also called before `main`.
std::span<const SuiteKind> suite_kinds();

/// The kind of this program with this name, or null.
const SuiteKind* suite_kind(std::string_view name);

}  // namespace cariosan::test

/// A test case that runs for every kind of storage of the program, as "name<kind>"; its body sees the kind as `kind`. Where a kind
/// needs a server that is not there, it says "skipped".
#define STORAGE_TEST(name) CARIOSAN_STORAGE_TEST(name, DOCTEST_ANONYMOUS(storage_test_))
#define CARIOSAN_STORAGE_TEST(name, body)                  \
    static void body(const cariosan::test::SuiteKind&);    \
    CARIOSAN_STORAGE_TEST_FOR(name, "SqliteFile", body)    \
    CARIOSAN_STORAGE_TEST_FOR(name, "SqliteMemory", body)  \
    CARIOSAN_STORAGE_TEST_FOR(name, "Postgres", body)      \
    static void body([[maybe_unused]] const cariosan::test::SuiteKind& kind)
#define CARIOSAN_STORAGE_TEST_FOR(name, kind_name, body)                                             \
    TEST_CASE(name "<" kind_name ">" * doctest::skip(cariosan::test::suite_kind(kind_name) == nullptr)) { \
        const cariosan::test::SuiteKind& kind = *cariosan::test::suite_kind(kind_name);              \
        if (kind.available()) body(kind);                                                            \
    }
