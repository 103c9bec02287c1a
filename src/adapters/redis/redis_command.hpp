#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cariosan::redis {

/// Makes one command in the form Redis reads: the number of its words, then each with its length.
class CommandText {
  public:
    CommandText() = default;
    CommandText(std::initializer_list<std::string_view> words) {
        for (const std::string_view word : words) add(word);
    }

    void add(std::string_view word) { add_pieces(word, {}); }
    void add(long long number) { add(std::to_string(number)); }
    /// One word of two pieces.
    void add_pieces(std::string_view first, std::string_view second) {
        ++words_;
        body_ += '$';
        body_ += std::to_string(first.size() + second.size());
        body_ += "\r\n";
        body_ += first;
        body_ += second;
        body_ += "\r\n";
    }
    void append_to(std::string& out) const {
        out += '*';
        out += std::to_string(words_);
        out += "\r\n";
        out += body_;
    }

  private:
    std::size_t words_ = 0;
    std::string body_;
};

}  // namespace cariosan::redis
