import { systemClock } from '../../../../gateway/clock.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { type GatewayPlan, openGateway } from './opened-gateway.ts';

/* A gateway that lives its days: a minute now and then, its readings if they are wanted, status and pings. */
const plan = childPlan<GatewayPlan>();
let minutes = 0;
let batches = 0;
const { store, uplink, site } = await openGateway(plan, (event) => {
  if (event.kind === 'uplink-sent') batches += 1;
});
const timers = [
  setInterval(() => {
    for (const record of site.minute()) void store.append(record);
    minutes += 1;
  }, plan.newMinuteEvery),
];
if (plan.readingsEvery !== undefined) {
  timers.push(
    setInterval(() => {
      for (const readings of site.readings(systemClock.wall(), systemClock.monotonic())) void store.sample(readings);
    }, plan.readingsEvery),
  );
}
uplink.start();

serveParent({
  answers: { lived: () => ({ minutes, batches }) },
  end: async () => {
    for (const timer of timers) clearInterval(timer);
    await uplink.stop(0);
    await store.close();
  },
});
