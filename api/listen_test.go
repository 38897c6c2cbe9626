package api_test

import (
	"errors"
	"net/netip"
	"testing"

	"vigie/api"
)

func TestPublicURL(t *testing.T) {
	for in, want := range map[string]api.PublicURL{
		"": "", "http://localhost:8080": "http://localhost:8080", "http://127.0.0.1/vigie/": "http://127.0.0.1/vigie", "https://[::1]:8443": "https://[::1]:8443",
		"https://vigie.example": "https://vigie.example", "https://vigie.example:8443/a/": "https://vigie.example:8443/a",
	} {
		if got, err := api.ParsePublicURL(in); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"localhost:8080", "ftp://localhost", "http://vigie.example", "http://localhost.example", "https://vigie.example/?a=b", "https://user@vigie.example",
		"https://vigie.example#a", "https://", ":",
	} {
		var refused *api.NetworkError
		if got, err := api.ParsePublicURL(in); !errors.As(err, &refused) || refused.Message.FR == "" {
			t.Errorf("%q is accepted as %q (%v)", in, got, err)
		}
	}
}

// Nothing travels in clear beyond this machine.
func TestNetworkCheck(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	const public = "https://vigie.example"
	for _, tt := range []struct {
		network api.Network
		ok      bool
	}{
		{api.Network{Listen: "127.0.0.1:8080"}, true},
		{api.Network{Listen: "127.1.2.3:0"}, true},
		{api.Network{Listen: "[::1]:8080"}, true},
		{api.Network{Listen: "localhost:8080", PublicURL: "http://localhost:8080"}, true},
		{api.Network{Listen: ":8080"}, false},
		{api.Network{Listen: "0.0.0.0:8080"}, false},
		{api.Network{Listen: "[::]:8080"}, false},
		{api.Network{Listen: "192.168.1.10:8080"}, false},
		{api.Network{Listen: "vigie.example:8080"}, false},
		{api.Network{Listen: "127.0.0.1"}, false},
		{api.Network{Listen: ""}, false},
		{api.Network{Listen: "localhost.example:80"}, false},
		{api.Network{Listen: "[::ffff:10.0.0.1]:80"}, false},
		{api.Network{Listen: "0.0.0.0:443", TLS: true}, false},
		{api.Network{Listen: "0.0.0.0:443", PublicURL: public}, false},
		{api.Network{Listen: "127.0.0.1:443", PublicURL: public}, false},
		{api.Network{Listen: "0.0.0.0:443", TLS: true, PublicURL: public}, true},
		{api.Network{Listen: "0.0.0.0:8080", TrustedProxies: proxies, PublicURL: public}, true},
		{api.Network{Listen: "127.0.0.1:8080", TrustedProxies: proxies, PublicURL: public}, true},
		{api.Network{Listen: "127.0.0.1:8080", TrustedProxies: proxies, PublicURL: "http://localhost"}, false},
		{api.Network{Listen: "0.0.0.0:8080", TrustedProxies: proxies}, false},
	} {
		if err := tt.network.Check(); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt.network, err)
		}
	}
}
