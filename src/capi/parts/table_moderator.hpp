#pragma once

#include <cariosan/cariosan_parts.h>

#include <cariosan/moderation.hpp>
#include <cstddef>
#include <memory>

#include "capi/parts/questions.hpp"

namespace cariosan::capi {

/// The moderator of a host, of whom at most `most` drafts are asked at a time.
std::shared_ptr<Moderator> table_moderator(const cariosan_moderator_part& part, std::shared_ptr<Questions> questions,
                                           std::size_t most);

}  // namespace cariosan::capi
