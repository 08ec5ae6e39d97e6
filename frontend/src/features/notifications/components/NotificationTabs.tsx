import { PageTabs } from '~/ui/PageTabs';

const places = [
  { to: '/notifications', label: 'Channels' },
  { to: '/notifications/routes', label: 'Routes' },
  { to: '/notifications/words', label: 'Words' },
  { to: '/notifications/deliveries', label: 'Delivery log' },
] as const;

/** The pages of notifications. */
export function NotificationTabs() {
  return <PageTabs label="Notifications" places={places} />;
}
