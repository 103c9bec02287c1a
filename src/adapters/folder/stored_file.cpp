#include "adapters/folder/stored_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "adapters/folder/disk.hpp"
#include "adapters/folder/file_layout.hpp"

namespace cariosan::folder {
namespace {

Result<std::string> read_at(const std::string& path, std::uint64_t offset, std::size_t bytes) {
    const Handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return disk_error("open", path);
    std::string out(bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes) {
        const ssize_t count = ::pread(file.get(), out.data() + filled, bytes - filled, static_cast<off_t>(offset + filled));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return disk_error("read", path);
        if (count == 0) return Error(ErrorCode::unavailable, "a file is shorter than it was").because(path);
        filled += static_cast<std::size_t>(count);
    }
    return out;
}

class StoredFile final : public FileReader {
  public:
    StoredFile(FileThreads& threads, std::string path, std::string type, std::uint64_t size, Places::Place place)
        : threads_(threads), path_(std::move(path)), type_(std::move(type)), size_(size), place_(std::move(place)) {}

    const std::string& content_type() const override { return type_; }
    std::uint64_t size() const override { return size_; }
    void read(std::uint64_t offset, std::size_t bytes, std::function<void(Result<std::string>)> done) override {
        threads_.run([path = path_, offset, bytes, done = std::move(done)] { done(read_at(path, offset, bytes)); });
    }

  private:
    FileThreads& threads_;
    const std::string path_;
    const std::string type_;
    const std::uint64_t size_;
    const Places::Place place_;
};

}  // namespace

Result<std::unique_ptr<FileReader>> open_stored(FileThreads& threads, const std::string& root, const std::string& key,
                                                Places::Place place) {
    const std::string path = joined(root, key);
    auto type = read_small_file(joined(joined(root, folder_of(key)), kTypeName));
    if (!type) return type.error();
    struct stat file {};
    if (!*type || ::lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) return std::unique_ptr<FileReader>();
    return std::unique_ptr<FileReader>(std::make_unique<StoredFile>(threads, path, **std::move(type),
                                                                    static_cast<std::uint64_t>(file.st_size), std::move(place)));
}

}  // namespace cariosan::folder
