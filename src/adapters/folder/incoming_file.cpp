#include "adapters/folder/incoming_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "adapters/folder/disk.hpp"
#include "adapters/folder/file_layout.hpp"

namespace cariosan::folder {
namespace {

/// Reads as much as fits or the file has; the number of bytes, or -1.
ssize_t fill(const Handle& file, std::array<char, 64 * 1024>& buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const ssize_t count = ::read(file.get(), buffer.data() + filled, buffer.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(filled);
}

Result<bool> same_content(const std::string& left, const std::string& right) {
    const Handle a(::open(left.c_str(), O_RDONLY | O_CLOEXEC));
    const Handle b(::open(right.c_str(), O_RDONLY | O_CLOEXEC));
    if (!a || !b) return disk_error("open", a ? right : left);
    const auto of_a = std::make_unique<std::array<char, 64 * 1024>>();
    const auto of_b = std::make_unique<std::array<char, 64 * 1024>>();
    while (true) {
        const ssize_t count = fill(a, *of_a);
        if (count < 0) return disk_error("read", left);
        const ssize_t other = fill(b, *of_b);
        if (other < 0) return disk_error("read", right);
        const auto size = static_cast<std::size_t>(count);
        if (count != other || std::string_view(of_a->data(), size) != std::string_view(of_b->data(), size)) return false;
        if (count == 0) return true;
    }
}

class Writer final : public FileWriter {
  public:
    Writer(FileThreads& threads, std::shared_ptr<IncomingFile> file) : threads_(threads), file_(std::move(file)) {}
    ~Writer() override {
        // Where the file is destroyed, its folder may have to be removed.
        threads_.run([file = std::move(file_)]() mutable { file.reset(); });
    }

    void write(std::string part, Written done) override {
        threads_.run([file = file_, part = std::move(part), done = std::move(done)] { done(file->append(part)); });
    }
    void finish(std::string part, Finished done) override {
        threads_.run([file = file_, part = std::move(part), done = std::move(done)] {
            const Result<Done> appended = file->append(part);
            done(appended ? file->finish() : Result<UploadEnd>(appended.error()));
        });
    }

  private:
    FileThreads& threads_;
    std::shared_ptr<IncomingFile> file_;
};

}  // namespace

IncomingFile::IncomingFile(std::string root, UploadPermit permit, const std::string& unique, UploadHold hold)
    : root_(std::move(root)),
      permit_(std::move(permit)),
      folder_(joined(joined(root_, kIncoming), unique)),
      path_(joined(folder_, name_of(permit_.key))),
      hold_(std::move(hold)) {}

IncomingFile::~IncomingFile() {
    if (!moved_) remove_folder(folder_);
}

Result<std::shared_ptr<IncomingFile>> IncomingFile::begin(const std::string& root, UploadPermit permit,
                                                          const std::string& unique, UploadHold hold) {
    std::shared_ptr<IncomingFile> file(new IncomingFile(root, std::move(permit), unique, std::move(hold)));
    if (auto made = file->make(); !made) return made.error();
    return file;
}

Result<Done> IncomingFile::make() {
    if (::mkdir(folder_.c_str(), S_IRWXU) != 0) return disk_error("make", folder_);
    if (auto made = make_file(joined(folder_, kTypeName), permit_.content_type); !made) return made;
    const Handle file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file) return disk_error("make", path_);
    // A disk without room says so now, before the file is sent; some file systems cannot.
    if (::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, permit_.size_bytes) != 0 && (errno == ENOSPC || errno == EDQUOT)) {
        return disk_error("reserve", path_);
    }
    return Done{};
}

Result<Done> IncomingFile::append(std::string_view part) {
    const auto size = static_cast<std::int64_t>(part.size());
    if (size > permit_.size_bytes - written_) return Error(ErrorCode::internal, "an upload is larger than was permitted");
    const Handle file(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!file) return disk_error("open", path_);
    if (auto appended = write_all(file, part, path_); !appended) return appended;
    written_ += size;
    return Done{};
}

Result<Done> IncomingFile::sync() const {
    const Handle file(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0) return disk_error("sync", path_);
    return sync_folder(folder_);
}

Result<UploadEnd> IncomingFile::finish() {
    if (written_ != permit_.size_bytes) return Error(ErrorCode::internal, "an upload is smaller than was permitted");
    if (auto synced = sync(); !synced) return synced.error();
    const std::string_view place = folder_of(permit_.key);
    const std::string_view parent = folder_of(place);
    if (auto made = make_folders(root_, parent); !made) return made.error();
    if (::rename(folder_.c_str(), joined(root_, place).c_str()) != 0) {
        if (errno == EEXIST || errno == ENOTEMPTY) return compare();
        return disk_error("move", folder_);
    }
    moved_ = true;
    hold_.room.keep();
    if (auto synced = sync_folder(joined(root_, parent)); !synced) return synced.error();
    return UploadEnd::stored;
}

Result<UploadEnd> IncomingFile::compare() const {
    auto same = same_content(path_, joined(root_, permit_.key));
    if (!same) return same.error();
    return *same ? UploadEnd::known : UploadEnd::taken;
}

std::unique_ptr<FileWriter> make_writer(FileThreads& threads, std::shared_ptr<IncomingFile> file) {
    return std::make_unique<Writer>(threads, std::move(file));
}

}  // namespace cariosan::folder
