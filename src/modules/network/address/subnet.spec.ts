import { describe, expect, it } from '@jest/globals';
import { subnetOf } from './subnet.js';

describe(subnetOf.name, () => {
  it.each([
    { transport: '/ip4/1.2.3.4/tcp/1', subnet: '1.2.3.0/24' },
    { transport: '/ip4/1.2.3.255/tcp/9', subnet: '1.2.3.0/24' },
    { transport: '/ip4/1.2.4.4/tcp/1', subnet: '1.2.4.0/24' },
    { transport: '/ip6/2001:db8:1:12ff:1::5/tcp/1', subnet: '2001:db8:1:1200::/56' },
    { transport: '/ip6/2001:db8:1:1200::/tcp/1', subnet: '2001:db8:1:1200::/56' },
    { transport: '/ip6/2001:db8:1:1300::/tcp/1', subnet: '2001:db8:1:1300::/56' },
    { transport: '/ip6/::1/tcp/1', subnet: '0:0:0:0::/56' },
    { transport: '/ip6/::/tcp/1', subnet: '0:0:0:0::/56' },
    { transport: '/ip6/2001:DB8:0:0:0:0:0:1/tcp/1', subnet: '2001:db8:0:0::/56' },
    { transport: '/ip6/fe80::1%eth0/tcp/1', subnet: 'fe80:0:0:0::/56' },
    { transport: '/ip6/::ffff:1.2.3.4/tcp/1', subnet: '1.2.3.0/24' },
    { transport: '/ip6/::ffff:102:304/tcp/1', subnet: '1.2.3.0/24' },
    { transport: '/ip6/1:2:3:4:5:6:7:8/tcp/1', subnet: '1:2:3:0::/56' },
    { transport: '/dns4/example.org/tcp/1', subnet: undefined },
    { transport: '/memory/7', subnet: undefined },
    { transport: '/ip4/x/tcp/1', subnet: undefined },
    { transport: '/ip6/x/tcp/1', subnet: undefined },
    { transport: '/ip4', subnet: undefined },
    { transport: '', subnet: undefined },
  ])('of "$transport" is $subnet', ({ transport, subnet }) => {
    expect(subnetOf(transport)).toBe(subnet);
  });
});
