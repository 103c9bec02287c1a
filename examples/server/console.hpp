/// Where the output of a command goes: to this process's terminal or to a client of the admin socket.
#pragma once

#include <functional>
#include <string_view>

namespace cariosan::server {

/// Used by one thread, that of the command. Lines are passed without a line end.
class Console {
  public:
    virtual ~Console() = default;
    /// Prints a line of the result.
    virtual void print(std::string_view line) = 0;
    /// Prints an error or a closing summary.
    virtual void report(std::string_view line) = 0;
    /// Shows the progress of a long command. Only shown on a terminal, each line replacing the one before.
    virtual void progress(std::string_view text) = 0;
    /// True if nobody waits for the result any more: the command should stop soon.
    virtual bool cancelled() = 0;
};

/// stdout and stderr of this process.
class TerminalConsole final : public Console {
  public:
    TerminalConsole();
    /// Ends a line of progress, so that it stays visible.
    ~TerminalConsole() override;
    TerminalConsole(const TerminalConsole&) = delete;
    TerminalConsole& operator=(const TerminalConsole&) = delete;

    void print(std::string_view line) override;
    void report(std::string_view line) override;
    void progress(std::string_view text) override;
    bool cancelled() override { return false; }

  private:
    void clear_progress();

    const bool shows_progress_;
    bool progress_shown_ = false;
};

}  // namespace cariosan::server
