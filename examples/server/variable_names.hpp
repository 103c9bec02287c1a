/// What the environment variables are called.
#pragma once

#include <string>
#include <vector>

namespace cariosan::server {

/// One that means nothing here, most likely because it is misspelt.
struct UnknownVariable {
    std::string name;
    std::string suggestion;  ///< the variable with the most similar name; empty: none is similar

    /// One line for a human.
    std::string words() const;
    bool operator==(const UnknownVariable&) const = default;
};

/// Those of `names` that begin with `CARIOS_` but are no variable of ours, and all that begin with `CARIOSAN_`.
std::vector<UnknownVariable> unknown_variables(const std::vector<std::string>& names);

/// All variables that `read_configuration` takes.
std::vector<std::string> supported_variables();

/// Variables of features that this server does not have yet; they are refused.
std::vector<std::string> unsupported_variables();

/// The names of this process's environment variables.
std::vector<std::string> process_variable_names();

}  // namespace cariosan::server
