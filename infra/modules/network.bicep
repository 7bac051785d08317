metadata description = 'The virtual network of the private variant: a subnet for the function app and one for the Container Apps environment.'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The name.')
param name string

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.77.0.0/16'] }
    subnets: [
      {
        // Flex Consumption takes up to about 40 addresses for an app, and shares the subnet with nothing but such apps.
        name: 'functions'
        properties: {
          addressPrefix: '10.77.0.0/24'
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        // At least /27, and for this environment alone; each replica takes an address.
        name: 'containers'
        properties: {
          addressPrefix: '10.77.2.0/24'
          delegations: [{ name: 'containers', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
    ]
  }
}
