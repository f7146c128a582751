module pstest

go 1.25.0

require cloud.google.com/go/pubsub/v2 v2.9.0
