/// The first look at a file to import: who and what occurs in it.
#pragma once

#include <cariosan/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "import_replies.hpp"

namespace cariosan::server {

/// Users and channels in the order of their first appearance, and what is replied to. Its size is that of the distinct
/// users, channels and parents, not of the file.
class ImportSurvey {
  public:
    struct ChannelUsers {
        std::string channel;
        std::vector<std::size_t> users;  ///< indexes into `users()`, the one who wrote first in front
    };

    /// A line was read that names them.
    void add(const std::string& channel, const std::string& user);

    const std::vector<std::string>& users() const noexcept { return users_; }
    const std::vector<ChannelUsers>& channels() const noexcept { return channels_; }
    /// Closed, and still to be checked.
    ImportReplies& replies() noexcept { return replies_; }

  private:
    std::vector<std::string> users_;
    std::vector<ChannelUsers> channels_;
    std::unordered_map<std::string, std::size_t> user_indexes_;
    std::unordered_map<std::string, std::size_t> channel_indexes_;
    std::vector<std::unordered_set<std::size_t>> seen_;  ///< per channel
    ImportReplies replies_;
};

/// The longest line of a file to import, in bytes.
constexpr std::size_t kMaxImportLineBytes = 1 << 20;

/// Reads the file, and once more if there are replies in it, which are forgotten if each stands behind its parent. Bad lines are left to the later passes. `unavailable` if the file cannot be read.
Result<ImportSurvey> survey_import(const std::string& path);

}  // namespace cariosan::server
