"""Work in processes of our own and on a cluster: how they are started, talked to and ended. Knows no network."""
