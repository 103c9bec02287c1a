#include "console.hpp"

#include <unistd.h>

#include <cstdio>

namespace cariosan::server {

namespace {

void put(std::FILE* stream, std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); }

}  // namespace

TerminalConsole::TerminalConsole() : shows_progress_(isatty(STDERR_FILENO) == 1) {}

TerminalConsole::~TerminalConsole() {
    if (progress_shown_) put(stderr, "\n");
    std::fflush(stdout);
}

void TerminalConsole::print(std::string_view line) {
    clear_progress();
    put(stdout, line);
    put(stdout, "\n");
}

void TerminalConsole::report(std::string_view line) {
    clear_progress();
    put(stderr, line);
    put(stderr, "\n");
}

void TerminalConsole::progress(std::string_view text) {
    if (!shows_progress_) return;
    put(stderr, "\r\x1b[K");
    put(stderr, text);
    progress_shown_ = true;
}

void TerminalConsole::clear_progress() {
    if (!progress_shown_) return;
    put(stderr, "\r\x1b[K");
    progress_shown_ = false;
}

}  // namespace cariosan::server
