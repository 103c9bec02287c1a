#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

namespace {

/// The result of the run; doctest creates the reporter that fills it in.
bool nothing_matched = false;

/// A filter without matching cases would pass without testing anything: a case renamed since discovery, or a name that the
/// command line cannot express (with a semicolon in it).
struct EmptyRunListener : doctest::IReporter {
    explicit EmptyRunListener(const doctest::ContextOptions&) {}
    void test_run_end(const doctest::TestRunStats& stats) override {
        nothing_matched = stats.numTestCasesPassingFilters == 0;
    }
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

}  // namespace

REGISTER_LISTENER("empty_run", 1, EmptyRunListener);

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    const int result = context.run();
    if (nothing_matched) {
        std::fputs("no test case matches the filter\n", stderr);
        return 1;
    }
    return result;
}
