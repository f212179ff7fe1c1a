import { describe, expect, it } from '@jest/globals';
import { neighbourhoodOf } from './neighbourhood.js';

describe(neighbourhoodOf.name, () => {
  it.each([
    { transport: '/ip4/9.9.9.9/tcp/1', elsewhere: '9.9.9.0/24', everywhere: '9.9.9.0/24' },
    {
      transport: '/ip6/2001:db8::1/tcp/1',
      elsewhere: '2001:db8:0:0::/56',
      everywhere: '2001:db8:0:0::/56',
    },
    { transport: '/ip4/127.0.0.1/tcp/1', elsewhere: undefined, everywhere: '127.0.0.0/24' },
    { transport: '/ip4/10.0.0.1/tcp/1', elsewhere: undefined, everywhere: '10.0.0.0/24' },
    { transport: '/ip6/::1/tcp/1', elsewhere: undefined, everywhere: '0:0:0:0::/56' },
    { transport: '/dns4/A.example./tcp/1', elsewhere: 'a.example', everywhere: 'a.example' },
    { transport: '/dnsaddr/b.example', elsewhere: 'b.example', everywhere: 'b.example' },
    { transport: '/dns/localhost/tcp/1', elsewhere: undefined, everywhere: 'localhost' },
    { transport: '/memory/7', elsewhere: undefined, everywhere: undefined },
    { transport: '', elsewhere: undefined, everywhere: undefined },
  ])('of "$transport"', ({ transport, elsewhere, everywhere }) => {
    expect(neighbourhoodOf(transport, false)).toBe(elsewhere);
    expect(neighbourhoodOf(transport, true)).toBe(everywhere);
  });
});
