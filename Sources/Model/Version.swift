/// The version of Elman that this code is; recorded in every checkpoint that it trains.
public let elmanVersion = "0.1.0"
