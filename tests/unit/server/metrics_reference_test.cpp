// examples/server/README.md has a row for each metric that the server prints, and no others.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

#include "protocol/metrics/metrics.hpp"
#include "support/source_folder.hpp"

namespace cariosan::server {
namespace {

/// The types of metrics by name.
std::map<std::string, std::string> metric_types(const std::string& text, const std::regex& line) {
    std::map<std::string, std::string> types;
    for (std::sregex_iterator match(text.begin(), text.end(), line), end; match != end; ++match) {
        types[(*match)[1]] = (*match)[2];
    }
    return types;
}

TEST_CASE("reference: the server's README has a row for each metric") {
    protocol::HeldTotals held{protocol::HeldTotal(1), protocol::HeldTotal(1)};
    const std::regex printed_line(R"(# TYPE (\w+) (\w+)\n)");
    const protocol::WaitPlaces waits(1);
    const engine::Counters engine;
    const outbox::WebhookCounters webhooks;
    const outbox::PushCounters pushes;
    const protocol::CommandTable commands;
    const protocol::RequestTimes requests(commands);
    const std::string text = protocol::metrics_text({.metrics = {},
                                                     .held = held,
                                                     .waits = waits,
                                                     .engine = engine,
                                                     .webhooks = webhooks,
                                                     .pushes = pushes,
                                                     .requests = requests,
                                                     .process = protocol::process_figures()});
    const auto printed = metric_types(text, printed_line);
    REQUIRE(printed.size() > 40);

    std::ifstream file(test::source_folder() / "examples/server/README.md", std::ios::binary);
    REQUIRE(file);
    const std::string readme(std::istreambuf_iterator<char>(file), {});
    const std::regex row(R"(\n\| `((?:cariosan|process)_\w+)` \| (\w+) \| (?=\w))");
    const auto described = metric_types(readme, row);
    for (const auto& metric : printed) {
        CAPTURE(metric.first);
        CHECK(described.contains(metric.first));
    }
    CHECK(described == printed);
}

}  // namespace
}  // namespace cariosan::server
