#include "adapters/folder/keeping/removal.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "adapters/folder/disk.hpp"
#include "adapters/folder/file_layout.hpp"
#include "adapters/folder/folder_names.hpp"
#include "encoding/percent.hpp"

namespace cariosan::folder {
namespace {

/// A file's folder among those set aside: the path in one name.
std::string flat_name(std::string_view folder) {
    std::string name(folder);
    std::ranges::replace(name, '/', '.');
    return name;
}

bool is_there(const std::string& path) {
    struct stat entry {};
    return ::lstat(path.c_str(), &entry) == 0;
}

}  // namespace

std::string Removal::aside_of(const objects::ObjectKey& key) const {
    return joined(joined(root_, kErased), flat_name(folder_of(key.text)));
}

Result<bool> Removal::remove(const objects::ObjectKey& key, FileNames& names) {
    // Asked now as well, so that a file with several messages never disappears even for a moment.
    const auto named = names.is_named(encoding::percent_encode_path(key.text));
    if (!named) return named.error();
    if (*named) return false;
    if (is_there(joined(root_, key.text))) {
        if (auto aside = set_aside(key); !aside) return aside.error();
    }
    return settle(key, names);
}

Result<bool> Removal::finish(const std::string& name, FileNames& names) {
    std::string folder = name;
    std::ranges::replace(folder, '.', '/');
    FolderNames content(joined(joined(root_, kErased), name));
    const auto file = content.next();
    if (auto read = content.result(); !read) return read.error();
    const auto key = objects::decode_object_key(joined(folder, encoding::percent_encode(file.value_or(""))));
    if (key) return settle(*key, names);
    // The file is removed before its type: what is left then is no file.
    remove_folder(joined(joined(root_, kErased), name));
    return false;
}

Result<bool> Removal::settle(const objects::ObjectKey& key, FileNames& names) {
    if (!is_there(aside_of(key))) return false;
    const auto named = names.is_named(encoding::percent_encode_path(key.text));
    if (named && !*named) return drop(key);
    if (auto back = put_back(key); !back) return back.error();
    return named ? Result<bool>(false) : Result<bool>(named.error());
}

Result<Done> Removal::set_aside(const objects::ObjectKey& key) {
    const std::string place = joined(root_, folder_of(key.text));
    const std::string aside = aside_of(key);
    // An older one is there if a server ended, and the file was uploaded again.
    remove_folder(aside);
    if (::rename(place.c_str(), aside.c_str()) != 0) {
        return errno == ENOENT ? Result<Done>(Done{}) : disk_error("move", place);
    }
    return sync_folder(joined(root_, folder_of(folder_of(key.text))));
}

Result<Done> Removal::put_back(const objects::ObjectKey& key) {
    const std::string place = joined(root_, folder_of(key.text));
    const std::string aside = aside_of(key);
    if (::rename(aside.c_str(), place.c_str()) != 0) {
        if (errno == ENOENT) return Done{};
        if (errno != EEXIST && errno != ENOTEMPTY) return disk_error("move", aside);
        remove_folder(aside);  // it was uploaded again meanwhile
    }
    return sync_folder(joined(root_, folder_of(folder_of(key.text))));
}

Result<bool> Removal::drop(const objects::ObjectKey& key) {
    const std::string aside = aside_of(key);
    const std::string file = joined(aside, name_of(key.text));
    struct stat entry {};
    const bool found = ::lstat(file.c_str(), &entry) == 0;
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) return disk_error("remove", file);
    if (found) usage_.removed(key.workspace, static_cast<std::int64_t>(entry.st_size));
    remove_folder(aside);
    if (auto synced = sync_folder(joined(root_, kErased)); !synced) return synced.error();
    return found;
}

}  // namespace cariosan::folder
