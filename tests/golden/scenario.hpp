#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unit/protocol/gateway_world.hpp"

namespace cariosan::test {

/// Names for what differs from run to run: ids, cursors and the epoch. A value gets a name when it first appears in an
/// answer, and keeps it throughout the file.
class Names {
  public:
    explicit Names(std::string epoch) : epoch_(std::move(epoch)) {}

    /// A copy with values replaced by names.
    boost::json::value normalise(const boost::json::value& value);
    /// A text with names replaced by values.
    std::string resolve(std::string text) const;

  private:
    std::string name_of(std::string_view kind, const std::string& thing);
    std::string normalise_text(std::string_view member, const std::string& text);
    boost::json::value normalise_member(std::string_view member, const boost::json::value& value);

    std::string epoch_;
    std::map<std::string, std::string> names_;   ///< value → name
    std::map<std::string, std::string> things_;  ///< name → value
    std::map<std::string, int, std::less<>> counts_;
};

/// A golden file being replayed; see README.md in this folder.
class Scenario {
  public:
    /// `open_storage`: null: SQLite in memory.
    explicit Scenario(boost::json::value file, OpenEmptyStorage open_storage = {});

    /// Runs all steps, and returns the file as it should be if what happened is right.
    boost::json::value replay();

  private:
    boost::json::object take(const boost::json::object& step);
    Reply ask(const boost::json::object& step);
    boost::json::object take_request(const boost::json::object& step);
    boost::json::object take_receive(const boost::json::object& step);
    TestClient& client(std::string_view name);
    std::string text_of(const boost::json::value& value);

    boost::json::value file_;
    GatewayWorld world_;
    Names names_;
    std::map<std::string, std::unique_ptr<TestClient>, std::less<>> clients_;
};

/// Readable JSON: short values on one line.
std::string pretty(const boost::json::value& value);

}  // namespace cariosan::test
