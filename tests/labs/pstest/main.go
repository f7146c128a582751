// Google's own fake of Pub/Sub, as a program: pstest 127.0.0.1:PORT
package main

import (
	"os"

	"cloud.google.com/go/pubsub/v2/pstest"
)

func main() {
	pstest.NewServerWithAddress(os.Args[1])
	select {} // serve until it is ended
}
