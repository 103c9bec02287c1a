/// The names of the environment variables.
#pragma once

#include <string>
#include <vector>

namespace cariosan::server {

/// A variable that this server does not know, most likely a misspelt one.
struct UnknownVariable {
    std::string name;
    std::string suggestion;  ///< the variable with the most similar name; empty if none is similar

    /// One line for people to read.
    std::string words() const;
    bool operator==(const UnknownVariable&) const = default;
};

/// The `names` that begin with `CARIOS_` but are not a known variable, and all that begin with `CARIOSAN_`.
std::vector<UnknownVariable> unknown_variables(const std::vector<std::string>& names);

/// All variables that `read_configuration` reads.
std::vector<std::string> supported_variables();

/// Variables of features that this build does not have. It refuses them, because the features would seem to work if they were
/// ignored.
std::vector<std::string> unsupported_variables();

/// The names of this process's environment variables.
std::vector<std::string> process_variable_names();

}  // namespace cariosan::server
