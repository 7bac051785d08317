metadata description = 'Names of the apps of an internal Container Apps environment, for a virtual network.'

@description('Tags of every resource.')
param tags object

@description('The environment\'s default domain.')
param domain string

@description('The environment\'s address in the virtual network.')
param address string

@description('Name of the network that resolves the names.')
param networkName string

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' existing = {
  name: networkName
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: domain
  location: 'global'
  tags: tags

  resource apps 'A' = {
    name: '*'
    properties: {
      ttl: 3600
      aRecords: [{ ipv4Address: address }]
    }
  }

  resource link 'virtualNetworkLinks' = {
    name: 'network'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
}
