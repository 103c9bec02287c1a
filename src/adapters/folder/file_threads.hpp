#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cariosan::folder {

/// The threads that wait for the disk. Their queue is bounded by those who use it: each file being written or read has at most
/// one job waiting, and one for its end.
class FileThreads {
  public:
    explicit FileThreads(std::size_t count);
    /// Runs what is queued, then ends the threads.
    ~FileThreads();
    FileThreads(const FileThreads&) = delete;
    FileThreads& operator=(const FileThreads&) = delete;

    /// From any thread. `job` is destroyed on the thread that ran it.
    void run(std::function<void()> job);

  private:
    void work();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace cariosan::folder
