package api

import (
	"net"

	"vigie/api/web"
	"vigie/data"
)

// ListenError says in both languages why an address to listen on is refused.
type ListenError struct{ Message data.Text }

// Error gives the English message.
func (e *ListenError) Error() string { return e.Message.EN }

// CheckListen refuses, with a *ListenError, an address that others than this
// machine could reach: until accounts exist, whoever reaches the server is its
// operator. addr is "host:port"; an empty host means every interface, and is refused.
func CheckListen(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return &ListenError{data.Text{
			FR: "adresse d’écoute «\u00a0" + addr + "\u00a0»\u00a0: hôte:port attendu, par exemple 127.0.0.1:8080.",
			EN: "listen address “" + addr + "”: expected host:port, for instance 127.0.0.1:8080.",
		}}
	}
	if !web.LoopbackHost(host) {
		return &ListenError{data.Text{
			FR: "adresse d’écoute «\u00a0" + addr + "\u00a0» refusée\u00a0: tant que Vigie n’a pas de comptes, elle n’écoute que sur cette machine (127.0.0.1, ::1 ou localhost).",
			EN: "listen address “" + addr + "” refused: until Vigie has accounts it only listens on this machine (127.0.0.1, ::1 or localhost).",
		}}
	}
	return nil
}
