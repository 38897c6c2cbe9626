package api

import (
	"fmt"
	"net"

	"vigie/api/web"
)

// CheckListen refuses an address that others than this machine could reach:
// until accounts exist, whoever reaches the server is its operator. addr is
// "host:port"; an empty host means every interface, and is refused.
func CheckListen(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("adresse d’écoute «\u00a0%s\u00a0»\u00a0: hôte:port attendu, par exemple 127.0.0.1:8080 / listen address %q: expected host:port, for instance 127.0.0.1:8080: %w", addr, addr, err)
	}
	if !web.LoopbackHost(host) {
		return fmt.Errorf("adresse d’écoute «\u00a0%s\u00a0» refusée\u00a0: tant que Vigie n’a pas de comptes, elle n’écoute que sur cette machine (127.0.0.1, ::1 ou localhost) / listen address %q refused: until Vigie has accounts it only listens on this machine (127.0.0.1, ::1 or localhost)", addr, addr)
	}
	return nil
}
