#pragma once

#include <boost/json/fwd.hpp>
#include <cariosan/error.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>

namespace cariosan::capi {

/// What parts of the host were asked and have not answered, by ticket. Thread-safe.
class Questions {
  public:
    /// Reads an answer and returns what to do with it, or `VALIDATION_ERROR`.
    using Read = std::function<Result<std::function<void()>>(const boost::json::object& answer)>;

    /// Returns the ticket. `owner`: who asks; beyond `most` open questions of one owner (0: any number), its oldest is forgotten,
    /// which is one that it no longer waits for.
    std::uint64_t ask(const void* owner, Read read, std::function<void()> give_up, std::size_t most = 0);
    /// `not_found` if there is no such question. A bad answer leaves it open.
    Result<Done> answer(std::uint64_t ticket, std::string_view json);
    /// Ends the open questions of an owner, or all: calls `give_up` of each.
    void abandon(const void* owner);
    void abandon_all();

  private:
    struct Question {
        const void* owner = nullptr;
        Read read;
        std::function<void()> give_up;
    };
    using Open = std::map<std::uint64_t, Question>;

    std::mutex mutex_;
    Open open_;
    std::map<const void*, std::size_t> counts_;
    std::uint64_t last_ = 0;

    /// What is forgotten may own its owner: it is destroyed outside the lock.
    Question take(Open::iterator question);
};

}  // namespace cariosan::capi
