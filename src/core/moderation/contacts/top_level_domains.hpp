/// Which names end a domain.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace cariosan::core::moderation {

/// The top-level domains of the Internet. Immutable; safe to use from any thread.
class TopLevelDomains {
  public:
    enum class Evidence {
        none,      ///< no top-level domain
        doubtful,  ///< also a word or the ending of a file: `readme.md`
        plain,
    };

    /// `file` is what lists/top_level_domains.txt holds.
    explicit TopLevelDomains(std::string_view file);

    /// `label` is folded (`fold`).
    Evidence evidence(const std::u32string& label) const;

  private:
    std::unordered_map<std::u32string, Evidence> names_;
};

}  // namespace cariosan::core::moderation
