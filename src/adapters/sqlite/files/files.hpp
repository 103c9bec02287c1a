/// The files beside a database: the lock, the mark, and the atomic replacement of a file.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/sqlite/failures.hpp"

namespace cariosan::sqlite {

/// An open file descriptor, closed when destroyed.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }

    int number() const noexcept { return number_; }
    bool is_open() const noexcept { return number_ >= 0; }
    void close() noexcept;

  private:
    int number_ = -1;
};

/// Creates an empty file that only its owner may read, unless it exists.
Result<Done> create_private(const std::string& path);
/// Creates a new file for its owner only; `conflict` if it exists.
Result<Descriptor> create_exclusive(const std::string& path);
/// Replaces `to` by `from` and makes the change durable.
Result<Done> replace_file(const std::string& from, const std::string& to);
/// Removes a file if there is one.
void remove_file(const std::string& path) noexcept;
bool file_exists(const std::string& path) noexcept;
/// Whether the disk of this file has this many bytes left: reserves them for a moment in a file of this name.
Result<Done> check_room(const std::string& path, std::int64_t bytes);
/// Makes the content of a closed file durable.
Result<Done> sync_file(const std::string& path);

/// Holds `<database>.lock` with `flock`, so that only one process owns the database. POSIX locks on the database itself
/// would be lost when any other descriptor of it is closed.
class DatabaseLock {
  public:
    /// `conflict` if it is held by another process or by this one.
    static Result<DatabaseLock> take(const std::string& database);

  private:
    explicit DatabaseLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
    Descriptor descriptor_;
};

/// The content of `<database>.mark`: up to which commit the database was seen, and of which epoch.
struct Mark {
    std::string epoch;
    std::int64_t commits = 0;
};

/// Absent if there is no mark; a mark without epoch if it cannot be understood.
std::optional<Mark> read_mark(const std::string& database);
Result<Done> write_mark(const std::string& database, const Mark& mark);
/// Whether the mark says that a database which holds this much is an older copy, or another one, than was there before.
bool was_replaced(const std::string& database, const Mark& present);

}  // namespace cariosan::sqlite
