/// Where a command's output goes: this process's terminal, or that of a client of the admin socket.
#pragma once

#include <functional>
#include <string_view>

namespace cariosan::server {

/// Used by one thread, that of the command. Lines come without their end.
class Console {
  public:
    virtual ~Console() = default;
    /// A line of the result.
    virtual void print(std::string_view line) = 0;
    /// A line about what went wrong, or a closing summary.
    virtual void tell(std::string_view line) = 0;
    /// How far a long command has come. Shown on a terminal only, each in the place of the one before.
    virtual void progress(std::string_view text) = 0;
    /// Nobody waits for the rest any more: the command should stop soon.
    virtual bool cancelled() = 0;
};

/// stdout and stderr of this process.
class TerminalConsole final : public Console {
  public:
    TerminalConsole();
    /// Leaves a line of progress standing.
    ~TerminalConsole() override;
    TerminalConsole(const TerminalConsole&) = delete;
    TerminalConsole& operator=(const TerminalConsole&) = delete;

    void print(std::string_view line) override;
    void tell(std::string_view line) override;
    void progress(std::string_view text) override;
    bool cancelled() override { return false; }

  private:
    void clear_progress();

    const bool shows_progress_;
    bool progress_shown_ = false;
};

}  // namespace cariosan::server
