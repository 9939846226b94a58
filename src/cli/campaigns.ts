/** `tollbridge campaigns`: what is sold, who works for it, and which numbers are left. */
import { Command } from 'commander';
import type { CampaignView } from '../publishers/views.ts';
import { listed } from './answered.ts';
import { printJson, refuse } from './context.ts';
import { publishing } from './publishing.ts';
import { reading, type ReadingOptions } from './reading.ts';

export function campaignsCommand(): Command {
  return new Command('campaigns')
    .description('what is sold, who works for it, and which numbers are left')
    .addCommand(reading(new Command('list')).description('those of the config').action(list))
    .addCommand(
      reading(new Command('show')).description('one of them').argument('<id>', 'its id').action(show),
    );
}

async function list(options: ReadingOptions) {
  print(await publishing(options, (publishers) => publishers.listCampaigns()), options);
}

async function show(id: string, options: ReadingOptions) {
  const found = await publishing(options, async (publishers) => ({
    campaign: await publishers.showCampaign(id),
  }));
  if (!found) return;
  if (!found.campaign) refuse(`there is no campaign ${id}`);
  else if (options.json === true) printJson(found.campaign);
  else print([found.campaign], options);
}

function print(campaigns: readonly CampaignView[] | null, { json }: ReadingOptions): void {
  listed(campaigns, json, 'there is no campaign', {
    campaign: ({ id }) => id,
    name: ({ name }) => name,
    advertiser: ({ advertiser }) => advertiser,
    pool: ({ pool }) => pool,
    publishers: ({ publishers }) => publishers,
    waiting: ({ waiting }) => waiting,
    approved: ({ approved }) => approved,
    paused: ({ paused }) => paused,
    numbers: ({ numbers }) => numbers,
    free: ({ free }) => free,
  });
}
