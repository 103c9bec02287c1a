#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/engine_counters.hpp"
#include "engine/log.hpp"

namespace cariosan::engine {

class Writer;

/// The thread that has files taken away: those of unsent and erased messages, which storage remembers until that is done, and
/// those that nobody ever sent. It looks once a second.
///
/// A file that could not be taken away is tried again after the waits of webhooks, without an end, and the others do not wait for it; but
/// once as many in a row could not as make a webhook's endpoint down, the store is taken to be away, and all wait. A file whose error is not retryable stays where it is.
class FileKeeper {
  public:
    FileKeeper(AttachmentStore& store, std::unique_ptr<Reader> reader, Writer& writer, Clock& clock, Counters& counters, const Log& log);
    /// Ends the thread, after what it is doing.
    void stop();

  private:
    void work();
    bool remove_some();
    bool remove(const ErasedFile& file, FileNames& names);
    void forget(mutation::ForgetErasedFiles files);
    void tidy();
    void complain(const Error& error);
    bool wait(std::chrono::milliseconds time);

    class Names;

    AttachmentStore& store_;
    const std::unique_ptr<Reader> reader_;
    Writer& writer_;
    Clock& clock_;
    Counters& counters_;
    const Log& log_;

    // The walk over the erased files.
    std::int64_t position_ = 0;
    bool has_failed_ = false;  ///< one of those before `position_`
    std::int64_t failed_in_a_row_ = 0;
    std::size_t failed_walks_ = 0;  ///< one after the other
    std::optional<std::chrono::milliseconds> again_at_{};  ///< when the walk begins again, if not at once
    std::chrono::milliseconds tidy_at_ = std::chrono::milliseconds::min();

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;  ///< last: it uses the others
};

}  // namespace cariosan::engine
