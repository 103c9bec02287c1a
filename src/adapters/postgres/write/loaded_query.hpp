/// Queries whose answers were asked for before they were needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "adapters/postgres/pg_statement.hpp"

namespace cariosan::postgres {

/// A query that a batch makes many times. `load` asks for what a batch may need, for all its rows at once and without waiting; the
/// answers arrive with the first that is needed. What was not loaded is asked for singly. What was loaded is not used any more once
/// the connection has written anything but held rows; whoever holds rows forgets what they change.
class LoadedQuery {
  public:
    /// What an answer rests on. `row`, for `forget_row`: on a row whose id, which may be null, `bulk` selects after the flag.
    /// `first_argument`: for one that no row has, `bulk` selects 0 as the other arguments, and then there is no row whatever they are.
    enum class RestsOn : std::uint8_t { arguments, row, first_argument };

    /// `bulk` selects the arguments of `single`, then whether there is a row, then the columns of `single`. Rows of equal arguments
    /// follow each other.
    LoadedQuery(Connection& connection, int arguments, std::initializer_list<std::string_view> single,
                std::initializer_list<std::string_view> bulk, RestsOn rests_on = RestsOn::arguments)
        : connection_(connection),
          arguments_(arguments),
          rests_on_(rests_on),
          single_(connection, single),
          bulk_(connection, bulk) {}

    template <class... Lists>
    void load(const Lists&... lists) {
        forget();
        pending_ = bulk_.start(lists...);
        loaded_at_ = connection_.changes();
    }
    template <class... Args>
    Rows query(const Args&... args) {
        if (is_current()) {
            auto found = loaded_.find(key_of(args...));
            if (found == loaded_.end() && rests_on_ == RestsOn::first_argument) found = loaded_.find(key_of_first(args...));
            if (found != loaded_.end()) {
                const int columns_before = arguments_ + 1 + (rests_on_ == RestsOn::row ? 1 : 0);
                return {connection_, answer_, found->second.first, found->second.count, columns_before};
            }
        }
        return single_.query(args...);
    }
    /// What was loaded for these arguments is not true any more.
    template <class... Args>
    void forget_one(const Args&... args) {
        if (!is_current()) return;
        loaded_.erase(key_of(args...));
        if (rests_on_ == RestsOn::first_argument) loaded_.erase(key_of_first(args...));
    }
    /// What was loaded and rests on this row is not true any more.
    void forget_row(std::int64_t row);
    void forget();
    /// Calls `take(rows)` for each row that was loaded, whether or not it was forgotten singly since; none if all are out of date.
    /// Its first column is whether there is one.
    template <class Take>
    void each(const Take& take) {
        if (!is_current()) return;
        Rows rows(connection_, answer_, 0, Rows(connection_, answer_).count(), arguments_);
        while (rows.next()) take(rows);
    }

  private:
    struct Part {
        int first = 0;
        int count = 0;
    };
    /// Arguments as the server sends them, each after its length.
    class Key {
      public:
        void add_integer(std::int64_t value) {
            add_length(sizeof value);
            append_number(text, value);
        }
        void add_bytes(PgType, const void* data, std::size_t size) {
            add_text({static_cast<const char*>(data), size});
        }
        void add_text(std::string_view bytes) {
            add_length(bytes.size());
            text += bytes;
        }
        std::string text;

      private:
        void add_length(std::size_t size) { append_number(text, static_cast<std::uint32_t>(size)); }
    };
    template <class... Args>
    static std::string key_of(const Args&... args) {
        Key key;
        (add_value(key, args), ...);
        return std::move(key.text);
    }
    template <class First, class... Others>
    static std::string key_of_first(const First& first, const Others&...) {
        Key key;
        add_value(key, first);
        for (std::size_t other = 0; other < sizeof...(Others); ++other) key.add_integer(0);
        return std::move(key.text);
    }
    static std::string key_of_first() { return {}; }
    bool is_current();
    void index();

    Connection& connection_;
    int arguments_;
    RestsOn rests_on_;
    Statement single_;
    Statement bulk_;
    std::optional<Pending> pending_;  ///< loaded, but not indexed
    std::shared_ptr<Answer> answer_;
    std::unordered_map<std::string, Part> loaded_;
    std::unordered_multimap<std::int64_t, std::string> resting_;  ///< keys of `loaded_` by the rows that they rest on
    std::int64_t loaded_at_ = 0;
};

}  // namespace cariosan::postgres
