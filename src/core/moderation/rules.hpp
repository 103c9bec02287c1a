/// Short names for the types of a workspace's moderation settings.
#pragma once

#include <cariosan/moderation.hpp>

namespace cariosan::core::moderation {

using Rule = ModerationRule;
using Action = ModerationAction;
using Severity = ModerationSeverity;
using Rules = ModerationSettings;

}  // namespace cariosan::core::moderation
