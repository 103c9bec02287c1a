/// Takes files away, in an order that loses none that a message names: the file is set aside, where nobody can open it; then the
/// storage is asked; then it is removed, or put back. A message that was committed before that question keeps its file; one that
/// was committed later named a file that was gone already.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/error.hpp>
#include <string>

#include "adapters/folder/keeping/usage.hpp"
#include "adapters/objects/object_key.hpp"

namespace cariosan::folder {

/// One thread at a time. Other servers may use the same folder, and take the same files away.
class Removal {
  public:
    Removal(const std::string& root, Usage& usage) : root_(root), usage_(usage) {}

    /// Whether a file was taken away; false if there is none, or a message names it.
    Result<bool> remove(const objects::ObjectKey& key, FileNames& names);
    /// Does so for a file that was set aside by a server that ended before it went on: `name` is that in `kErased`.
    Result<bool> finish(const std::string& name, FileNames& names);

  private:
    Result<bool> settle(const objects::ObjectKey& key, FileNames& names);
    Result<Done> set_aside(const objects::ObjectKey& key);
    Result<Done> put_back(const objects::ObjectKey& key);
    Result<bool> drop(const objects::ObjectKey& key);
    std::string aside_of(const objects::ObjectKey& key) const;

    const std::string& root_;
    Usage& usage_;
};

}  // namespace cariosan::folder
