// Why something is reported: the reasons that a user can choose from, as the server is told them.

import type { Strings } from '../strings.ts';

export type ReportReason = keyof Strings['reportReason'];

export const reasonsOf = (strings: Strings): readonly (readonly [ReportReason, string])[] => Object.entries(strings.reportReason) as [ReportReason, string][];
