#include "adapters/postgres/pg_statement.hpp"

#include <charconv>
#include <cstring>

#include "adapters/postgres/pg_failures.hpp"

namespace cariosan::postgres {
namespace {

bool is_number(PgType type) {
    return type == PgType::boolean || type == PgType::int2 || type == PgType::int4 || type == PgType::int8;
}

}  // namespace

std::int64_t Rows::integer() {
    if (!readable()) return 0;
    const auto type = static_cast<PgType>(PQftype(answer_->result.get(), column_));
    const std::string_view bytes = take();
    if (bytes.empty()) return 0;  // null
    const auto number = read_number(bytes);
    if (is_number(type) && number) return *number;
    // The statement is wrong, for instance with a sum that became numeric.
    connection_->fail(server_error("42804", "a column is no whole number"));
    return 0;
}

std::vector<std::int64_t> Rows::integers() {
    auto numbers = read_list(take());
    if (!numbers) connection_->fail(server_error("42804", "a column is no list of numbers"));
    return std::move(numbers).value_or(std::vector<std::int64_t>());
}

bool Rows::skip_null() {
    if (readable() && PQgetisnull(answer_->result.get(), row_, column_) == 0) return false;
    ++column_;
    return true;
}

std::string_view Rows::take() {
    const int column = column_++;
    if (!readable()) return {};
    return {PQgetvalue(answer_->result.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(answer_->result.get(), row_, column))};
}

std::shared_ptr<Answer> Statement::refuse(bool query) {
    if (!query) {
        connection_.fail(Error(ErrorCode::internal, "the server's storage cannot do this")
                             .because("a text to be stored is not UTF-8 without U+0000"));
        return nullptr;
    }
    auto nothing = std::make_shared<Answer>();
    nothing->arrived = true;
    return nothing;
}

bool Statement::write_lists(std::span<const Column> columns) {
    Parameters parameters;
    for (const Column& column : columns) {
        if (column.has_bad_text()) return refuse(false) != nullptr;
        parameters.add(column.list());
    }
    return connection_.send(sql_, parameters, true) != nullptr;
}

std::int64_t Statement::changed_rows(const Answer& answer) {
    const char* text = PQcmdTuples(answer.result.get());
    std::int64_t count = 0;
    std::from_chars(text, text + std::strlen(text), count);
    return count;
}

}  // namespace cariosan::postgres
