package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/gin-gonic/gin"
)

func openAPIHandler(documents func(lang string) []byte, version string) Handler {
	return func(c *gin.Context) error {
		call := CallOf(c)
		lang := call.Lang()
		body := documents(lang)
		sum := sha256.Sum256(body)
		Revalidate(c)
		c.Header("Content-Language", lang)
		if NotModified(c, version, hex.EncodeToString(sum[:8])) {
			return nil
		}
		return Bytes(c, http.StatusOK, TypeOpenAPI, body)
	}
}

func problemTypesHandler(c *gin.Context) error {
	Revalidate(c)
	return JSON(c, http.StatusOK, gin.H{"problems": ProblemTypes()})
}
