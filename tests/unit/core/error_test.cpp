#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cariosan/error.hpp>
#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <string>

using namespace cariosan;

namespace {

struct Ending {
    int signal = 0;  // 0: it returned
    std::string said;
};

// Runs `faulty` in a child process and returns how that ended and what it printed.
Ending ending_of(const std::function<void()>& faulty) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);  // removes the test framework's handler
        std::set_terminate(nullptr);
        ::dup2(pipe[1], STDERR_FILENO);
        faulty();
        ::_exit(0);
    }
    ::close(pipe[1]);
    Ending ending;
    std::array<char, 256> part{};
    for (ssize_t got = 0; (got = ::read(pipe[0], part.data(), part.size())) > 0;) {
        ending.said.append(part.data(), static_cast<std::size_t>(got));
    }
    ::close(pipe[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
    return ending;
}

Result<std::string> no_user() { return not_found("user"); }

}  // namespace

TEST_CASE("reading the value of an error aborts the process with the error's message") {
    const std::string said =
        "cariosan: the value of a Result was read, but it is an error: NOT_FOUND: no such user";
    std::size_t length = 0;
    for (const std::function<void()>& faulty : {
             std::function<void()>([&] { length = no_user().value().size(); }),
             std::function<void()>([&] { length = (*no_user()).size(); }),
             std::function<void()>([&] { length = no_user()->size(); }),
             std::function<void()>([&] {
                 const Result<std::string> failed = no_user();
                 length = failed->size();
             }),
         }) {
        const Ending ending = ending_of(faulty);
        CHECK(ending.signal == SIGABRT);
        CHECK_MESSAGE(ending.said.find(said) != std::string::npos, ending.said);
    }
    CHECK(length == 0);
}

TEST_CASE("reading the error of a value aborts the process") {
    ErrorCode code{};
    const Ending ending = ending_of([&code] { code = Result<int>(1).error().code; });
    CHECK(ending.signal == SIGABRT);
    CHECK(ending.said.find("cariosan: the error of a Result was read, but it has a value") !=
          std::string::npos);
    CHECK(code == ErrorCode{});
}

TEST_CASE("value_or returns the value, or else the caller's alternative") {
    CHECK(Result<int>(1).value_or(2) == 1);
    CHECK(Result<int>(not_found("user")).value_or(2) == 2);
    const Result<std::string> alice(std::string("alice"));
    CHECK(alice.value_or("nobody") == "alice");
    CHECK(*alice == "alice");
    CHECK(no_user().value_or("nobody") == "nobody");
    // A move-only value is moved out.
    auto owned = Result<std::unique_ptr<int>>(std::make_unique<int>(1)).value_or(nullptr);
    REQUIRE(owned != nullptr);
    CHECK(*owned == 1);
}

TEST_CASE("and_then continues with a value and passes an error along") {
    int calls = 0;
    const auto length = [&calls](const std::string& text) {
        ++calls;
        return Result<std::size_t>(text.size());
    };
    CHECK(*Result<std::string>(std::string("alice")).and_then(length) == 5);
    CHECK(calls == 1);
    const Result<std::string> failed = no_user();
    const Result<std::size_t> passed = failed.and_then(length);
    REQUIRE_FALSE(passed.ok());
    CHECK(passed.error().code == ErrorCode::not_found);
    CHECK(no_user().and_then(length).error().message == "no such user");
    CHECK(calls == 1);
    auto owned =
        Result<std::unique_ptr<int>>(std::make_unique<int>(1)).and_then([](std::unique_ptr<int> taken) {
            return Result<std::unique_ptr<int>>(std::move(taken));
        });
    CHECK(**owned == 1);
}

TEST_CASE("or_throw returns the value, or throws the whole error") {
    CHECK(Result<int>(1).or_throw() == 1);
    CHECK(*Result<std::unique_ptr<int>>(std::make_unique<int>(1)).or_throw() == 1);
    const Result<std::string> failed(not_found("user").with("field", "user"));
    try {
        failed.or_throw();
        FAIL("it did not throw");
    } catch (const ErrorException& thrown) {
        CHECK(std::string(thrown.what()) == "NOT_FOUND: no such user");
        CHECK(thrown.error().code == ErrorCode::not_found);
        CHECK(thrown.error().detail("field") != nullptr);
    }
    CHECK_THROWS_AS(no_user().or_throw(), std::runtime_error);
}
