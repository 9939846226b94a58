import { z } from 'zod';
import { parseSipStop } from '../values/sip-status.ts';
import { field } from './fields.ts';
import { sipStop } from './forms.ts';

/** After which answers no other buyer is tried: of a campaign, a trunk or a route. */
export const failover = () => z.strictObject({ stop: z.array(field(parseSipStop, sipStop)).default([]) });
