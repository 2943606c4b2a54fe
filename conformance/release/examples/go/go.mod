module example.com/consumer

go 1.19

require composefs-oci.example/vectors v0.0.0

replace composefs-oci.example/vectors => ./vectors
